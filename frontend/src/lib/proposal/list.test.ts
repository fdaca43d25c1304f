import { describe, expect, it } from 'vitest';
import type { Proposal } from '$lib/api/types';
import { about, filterProposals, findProposals, readFilters, withFilters } from './list';

const proposal = (number: number, over: Partial<Proposal> = {}) =>
  ({
    id: `p${number}`,
    number,
    state: 'submitted',
    kind: 'technique',
    author: 'u1',
    title: `Title ${number}`,
    rationale: '',
    techniques: [],
    updated_at: `2026-01-0${number}T00:00:00.000Z`,
    object: { stix_id: `o${number}`, attack_id: '', label: `NEW-${number}`, name: '', type: '' },
    ...over,
  }) as Proposal;
const list = [
  proposal(1, { state: 'accepted', title: 'Cron abuse' }),
  proposal(2, { author: 'u2', kind: 'refinement' }),
  proposal(3, { rationale: 'seen in cron jobs' }),
];
const numbers = (found: Proposal[]) => found.map((p) => p.number);
const none = { state: '', kind: '', author: '', q: '' };

describe('filterProposals', () => {
  it('shows all, newest change first', () => {
    expect(numbers(filterProposals(list, none))).toEqual([3, 2, 1]);
  });
  it('filters by state, kind, author and every word', () => {
    expect(numbers(filterProposals(list, { ...none, state: 'accepted' }))).toEqual([1]);
    expect(numbers(filterProposals(list, { ...none, kind: 'refinement' }))).toEqual([2]);
    expect(numbers(filterProposals(list, { ...none, author: 'u1', q: 'CRON' }))).toEqual([3, 1]);
    expect(numbers(filterProposals(list, { ...none, q: 'cron abuse' }))).toEqual([1]);
    expect(numbers(filterProposals(list, { ...none, q: '#2' }))).toEqual([2]);
  });
});

describe('the address', () => {
  it('keeps the filters and gives them back', () => {
    const filters = { state: 'accepted', kind: '', author: 'u1', q: 'a b' };
    const url = withFilters(new URL('http://x/list?kind=technique&other=1'), filters);
    expect(readFilters(url.searchParams)).toEqual(filters);
    expect(url.searchParams.get('other')).toBe('1');
  });
});

describe('finding', () => {
  it('finds by label', () => expect(numbers(findProposals(list, 'new-2'))).toEqual([2]));
  it('finds what is about an object, the living first', () => {
    const rows = [
      proposal(1, { techniques: ['t'] }),
      proposal(2, { techniques: ['t'], state: 'rejected' }),
      proposal(3),
    ];
    expect(numbers(about(rows, 't'))).toEqual([1, 2]);
    expect(numbers(about(rows, 'o3'))).toEqual([3]);
  });
});
