import { expect, test } from 'vitest';
import type { Proposal, Standing } from '$lib/api/types';
import { TacticMapping } from './mapping.svelte';
import { applied, badge, inBulk, needsLook, sentence, vanished } from './words';

const standing = (more: Partial<Standing>): Standing => ({
  state: 'current',
  attack: '18.1',
  from: '1.0',
  to: '1.1',
  changed: [],
  fields: [],
  gone: [],
  tactics: [],
  ...more,
});
const proposal = (id: string, more: Partial<Standing>, state = 'submitted', tactics = ['old']) =>
  ({ id, state, tactics, revision: 1, standing: standing(more) }) as unknown as Proposal;

test('only what moved needs a look, and says why', () => {
  expect(needsLook(proposal('a', {}))).toBe(false);
  expect(badge(standing({}))).toBeUndefined();
  expect(badge(standing({ tactics: ['old'] }))?.tone).toBe('bad');
  expect(badge(standing({ state: 'moved' }))?.tone).toBe('warm');
  expect(sentence(standing({ state: 'conflict', fields: ['name'] }), () => 'Name')).toContain(
    'ATT&CK 18.1 changed name',
  );
});

test('what is in the hands of its author is not taken over in bulk', () => {
  const all = [
    proposal('a', { state: 'moved' }),
    proposal('b', { state: 'moved' }, 'changes_requested'),
    proposal('c', { state: 'conflict' }),
  ];
  expect(inBulk(all).map((p) => p.id)).toEqual(['a']);
});

test('several tactics take the place of one, each once', () => {
  expect(applied(['a', 'old', 'b'], { old: ['b', 'c'] })).toEqual(['a', 'b', 'c']);
  expect(vanished([proposal('a', { tactics: ['old'] })], { '': 2, older: 1 })).toMatchObject([
    { tactic: 'old', drafts: 0 },
    { tactic: 'older', drafts: 1 },
  ]);
});

test('a proposal can go its own way and come back', () => {
  const mapping = new TacticMapping();
  const one = proposal('a', { tactics: ['old'] });
  expect(mapping.complete(['old'], [one], false)).toBe(false);
  mapping.choose('old', ['new']);
  mapping.choose('old', ['other', 'new'], 'a');
  expect(mapping.after(one)).toEqual(['other', 'new']);
  mapping.reset('a');
  expect(mapping.after(one)).toEqual(['new']);
  expect(mapping.complete(['old'], [one], false)).toBe(true);
});
