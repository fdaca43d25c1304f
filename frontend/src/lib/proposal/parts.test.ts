import { expect, test } from 'vitest';
import type { PartContent } from '$lib/api/types';
import { partName, partSays } from './parts';

const part = (more: Partial<PartContent>): PartContent => ({
  key: 'k',
  kind: 'refinement',
  label: 'Refine a technique',
  action: 'modify',
  object: { stix_id: 'a', attack_id: 'T1001', type: 'attack-pattern', name: 'Overfill' },
  fields: [],
  ...more,
});
const field = (name: string, label: string, text = '', labels = {}) =>
  ({ field: { name, label }, after: { text }, changed: true, labels }) as never;

test('a part says where it leads, or what it changes', () => {
  expect(partName(part({}))).toBe('T1001 Overfill');
  expect(partSays(part({ fields: [field('name', 'Name'), field('platforms', 'Platforms')] }))).toBe(
    'name, platforms',
  );
  expect(
    partSays(
      part({ action: 'revoke', fields: [field('replacement', 'x', 'b', { b: 'T1002 Other' })] }),
    ),
  ).toBe('its id leads to T1002 Other');
  expect(
    partSays(part({ action: 'add', fields: [field('parent', 'x', 'p', { p: 'T1 Up' })] })),
  ).toBe('under T1 Up');
  expect(partSays(part({ action: 'add' }))).toBe('');
  expect(
    partSays(part({ kind: 'hand-over-relationship', fields: [field('target', 'x', 'gone')] })),
  ).toBe('to gone');
});
