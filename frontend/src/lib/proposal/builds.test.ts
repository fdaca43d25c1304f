import { expect, test } from 'vitest';
import type { Proposal } from '$lib/api/types';
import { basesOf, buildingOn, waitsFor } from './builds';

const proposal = (id: string, more: Partial<Proposal>): Proposal =>
  ({
    id,
    action: 'add',
    state: 'submitted',
    revision: 1,
    object: { stix_id: `${id}-object` },
    refers: [],
    ...more,
  }) as Proposal;

const base = proposal('base', {});
const split = proposal('split', { action: 'several', makes: [{ stix_id: 'piece' }] as never });
const example = proposal('example', { refers: ['base-object', 'piece', 'T1'] });
const refined = proposal('refined', { action: 'modify', object: { stix_id: 'T1' } as never });
const all = [base, split, example, refined];

test('a proposal builds on those that make what it names, not on those that change it', () => {
  expect(basesOf(example, all)).toEqual([base, split]);
  expect(basesOf(base, all)).toEqual([]);
  expect(buildingOn(split, all)).toEqual([example]);
  expect(buildingOn(refined, all)).toEqual([]);
  expect(buildingOn(base, [base, { ...example, state: 'withdrawn' }])).toEqual([]);
  expect(basesOf(example, [{ ...base, revision: 0 }])).toEqual([]);
});

test('what is waited for follows from the state', () => {
  const says = (state: Proposal['state']) => waitsFor({ ...base, state });
  expect(says('in_review')).toBe('has to be accepted first');
  expect(says('accepted')).toBe('is released before it or with it');
  expect(says('released')).toBe('');
  expect(says('withdrawn')).toContain('was withdrawn');
  expect(says('rejected')).toContain('was rejected');
});
