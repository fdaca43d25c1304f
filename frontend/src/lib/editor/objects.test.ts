import { describe, expect, it } from 'vitest';
import type { Proposal } from '$lib/api/types';
import { madeBy, namedBefore } from './objects.svelte';

const proposal = (more: object) =>
  ({
    id: 'p',
    workshop: 'w',
    kind: 'technique',
    action: 'add',
    state: 'submitted',
    revision: 1,
    title: 'Lids',
    object: { stix_id: 'attack-pattern--1', label: 'NEW-1', type: 'attack-pattern', name: 'Lids' },
    ...more,
  }) as Proposal;
const made = (...list: object[]) =>
  madeBy(list.map(proposal)).map((one) => [one.label, one.name, one.proposed, !!one.sub, one.href]);

describe('what proposals make', () => {
  it('is what is open, and drafts', () => {
    expect(made({})).toEqual([['NEW-1', 'Lids', 'proposed', false, '/w/w/proposals/p']]);
    expect(made({ revision: 0, state: 'draft', kind: 'sub-technique' })).toEqual([
      ['NEW-1', 'Lids', 'draft', true, '/w/w/proposals/p/edit'],
    ]);
    expect(made({ state: 'rejected' }, { state: 'released' }, { action: 'modify' })).toEqual([]);
  });

  it('is named where it was turned down, but not offered', () => {
    const lost = [proposal({ state: 'withdrawn' }), proposal({ state: 'released' })];
    expect(namedBefore(lost).map((one) => [one.label, one.proposed])).toEqual([['NEW-1', 'lost']]);
    expect(madeBy(lost)).toEqual([]);
  });

  it('is each new object of several, but no relationship', () => {
    const makes = [
      { stix_id: 'attack-pattern--2', label: 'NEW-1.1', type: 'attack-pattern', name: 'Left' },
      { stix_id: 'relationship--3', label: 'NEW-1.2', type: 'relationship', name: '' },
    ].map((one) => ({ ...one, kind: 'sub-technique' }));
    expect(made({ action: 'several', makes })).toEqual([
      ['NEW-1.1', 'Left', 'proposed', true, '/w/w/proposals/p'],
    ]);
  });
});
