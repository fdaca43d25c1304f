import { describe, expect, it } from 'vitest';
import type { Comparison, ListedCollection } from '$lib/api/types';
import { filterGroups, groups, readFilters, typesOf, usual, withFilters } from './list';
import { propertyLabel, shown } from './property';

const object = (stix_id: string, type: string, name: string) => ({
  stix_id,
  type,
  name,
  attack_id: stix_id.toUpperCase(),
  from: '1.0',
  to: '1.1',
});
const comparison = {
  sections: [
    { key: 'minor_version_changes', objects: [object('t1', 'attack-pattern', 'Phishing')] },
    {
      key: 'revocations',
      objects: [{ ...object('t2', 'attack-pattern', 'Old'), replaced_by: 't1' }],
    },
  ],
  others: [{ key: 'additions', objects: [object('ta1', 'x-mitre-tactic', 'Stealth')] }],
  unlisted: [object('s1', 'tool', 'Hammer')],
  relationships: [
    {
      key: 'changes',
      kind: 'uses',
      items: [{ stix_id: 'r1', source: 'g1', target: 't1', before: 3, after: 4 }],
    },
  ],
  names: {
    t1: { stix_id: 't1', attack_id: 'T1', type: 'attack-pattern', name: 'Phishing' },
  },
} as unknown as Comparison;

describe('a comparison as groups', () => {
  const all = groups(comparison);
  it('has all of it, in the order of the sections', () => {
    expect(all.map((one) => one.key)).toEqual([
      'minor_version_changes',
      'revocations',
      'other-additions',
      'unlisted',
      'uses-changes',
    ]);
    expect(all[1]?.rows[0]?.note).toBe('replaced by T1 Phishing');
    expect(all[4]?.rows[0]).toMatchObject({ name: 'g1 uses T1 Phishing', before: 3, after: 4 });
    expect(typesOf(all)).toEqual(['attack-pattern', 'relationship', 'tool', 'x-mitre-tactic']);
  });
  it('is filtered by section, type and words, which are in the address', () => {
    const left = (query: string) =>
      filterGroups(all, readFilters(new URLSearchParams(query))).flatMap((one) =>
        one.rows.map((row) => row.id),
      );
    expect(left('')).toHaveLength(5);
    expect(left('type=attack-pattern')).toEqual(['t1', 't2']);
    expect(left('section=unlisted')).toEqual(['s1']);
    expect(left('q=phishing+T1')).toEqual(['t1', 't2', 'r1']);
    expect(left('q=nothing')).toEqual([]);
    const url = withFilters(new URL('http://a/compare?from=1&q=x'), {
      section: '',
      type: 'tool',
      q: '',
    });
    expect(url.search).toBe('?from=1&type=tool');
  });
});

describe('what is compared where nobody chose', () => {
  const list = (...current: boolean[]) =>
    current.map((one, i) => ({ id: i + 1, current: one })) as ListedCollection[];
  it('is the current state with the one before it', () => {
    expect(usual(list(true, false, false))).toEqual({ from: 2, to: 1 });
    expect(usual(list(false, true))).toEqual({ from: 1, to: 2 });
    expect(usual(list(true))).toBeUndefined();
    expect(usual([])).toBeUndefined();
  });
});

describe('one property', () => {
  it('is shown by what its values are, known or not', () => {
    expect(shown({ property: 'name', before: 'a b', after: 'b' }).as).toBe('text');
    expect(shown({ property: 'x_flag', after: false })).toEqual({
      as: 'list',
      before: [],
      after: ['false'],
    });
    expect(shown({ property: 'x_new', after: ['a', 'a', 'b'] })).toEqual({
      as: 'list',
      before: [],
      after: ['a', 'b'],
    });
    expect(shown({ property: 'x_odd', before: null, after: { a: [1] } })).toEqual({
      as: 'text',
      before: 'null',
      after: '{\n  "a": [\n    1\n  ]\n}',
    });
    expect(shown({ property: 'x_mixed', before: ['a'], after: [1] }).as).toBe('text');
    expect(
      shown({
        property: 'external_references',
        before: [{ source_name: 'mitre-attack', external_id: 'T1', url: 'u' }],
      }),
    ).toEqual({
      as: 'references',
      before: [{ source_name: 'mitre-attack', description: 'T1', url: 'u' }],
      after: [],
    });
    expect(propertyLabel('x_mitre_data_sources')).toBe('Data sources');
    expect(propertyLabel('kill_chain_phases')).toBe('Tactics');
  });
});
