import { describe, expect, it } from 'vitest';
import type { ReleaseItem, ReleasePage } from '$lib/api/types';
import { kindOf, sectionLabel, stops, unsolved, willHappen } from './words';

const item = (number: number, over: Partial<ReleaseItem> = {}) =>
  ({ proposal: { number }, conflicts: [], problems: [], ...over }) as unknown as ReleaseItem;
const object = { stix_id: 'x', attack_id: '', type: '', name: '', from: '', to: '' };
const page = {
  version: '18.2',
  problems: ['It is empty.'],
  items: [item(1, { problems: ['Choose.'] }), item(2)],
  changelog: {
    sections: [
      { key: 'additions', objects: [object] },
      { key: 'patches', objects: [object, object] },
    ],
    relationships: [],
  },
} as unknown as ReleasePage;

describe('a release', () => {
  it('says what publishing does', () => {
    expect(willHappen(page)[0]).toBe(
      '2 proposals become part of the release: 1 new object with ATT&CK ids for good and 2 changed objects.',
    );
    expect(willHappen(page)[1]).toContain('18.2');
  });
  it('lists what stops it, of the whole and of each proposal', () => {
    expect(stops(page)).toEqual(['It is empty.', '#1: Choose.']);
  });
  it('counts the conflicts that nobody solved', () => {
    const conflict = (resolution: string) => ({ resolution }) as ReleaseItem['conflicts'][number];
    expect(unsolved([item(1, { conflicts: [conflict(''), conflict('ours')] })])).toBe(1);
  });
  it('names the sections, also ones that it does not know', () => {
    expect(['additions', 'some_day'].map(sectionLabel)).toEqual(['Additions', 'some day']);
  });
  it('knows how to compare a value by what it holds', () => {
    expect(kindOf({}, { list: ['a'] })).toBe('list');
    expect(kindOf({ text: 'a' }, {})).toBe('markdown');
  });
});
