import { describe, expect, it } from 'vitest';
import {
  counted,
  fits,
  lengthLabel,
  lengthOf,
  LENGTHS,
  nextSort,
  readSearch,
  sorted,
  withParams,
  yearOf,
  type Needs,
  type Search,
} from './needs';

const row = (over: Partial<Needs>): Needs => ({
  stix_id: 's',
  attack_id: 'T1',
  name: 'Alpha',
  subtechnique: false,
  tactics: ['a'],
  platforms: ['Linux'],
  examples: 1,
  mitigations: 0,
  detections: 2,
  text_length: 700,
  modified: '2024-05-06T07:08:09.000Z',
  ...over,
});
const search = (over: Partial<Search>): Search => ({
  ...readSearch(new URLSearchParams()),
  ...over,
});

describe('the table of techniques', () => {
  const cases: [Partial<Search>, Partial<Needs>, boolean][] = [
    [{}, {}, true],
    [{ q: ' ALPH ' }, {}, true],
    [{ q: 't2' }, {}, false],
    [{ tactic: 'a' }, {}, true],
    [{ tactic: '-' }, {}, false],
    [{ tactic: '-' }, { tactics: [] }, true],
    [{ platform: 'Moon' }, {}, false],
    [{ examples: 'with', mitigations: 'without', detection: 'with' }, {}, true],
    [{ examples: 'without' }, {}, false],
    [{ detection: 'without' }, { detections: 0 }, true],
    [{ subs: 'with' }, {}, false],
    [{ subs: 'without' }, {}, true],
    [{ year: '2024' }, {}, true],
    [{ year: '2023' }, {}, false],
    [{ length: '500' }, {}, true],
    [{ length: '0' }, {}, false],
    [{ length: '0' }, { text_length: 0 }, true],
    [{ examples: 'maybe' }, {}, true],
  ];
  it.each(cases)('%j of %j', (link, over, want) => {
    expect(fits(row(over), search(link))).toBe(want);
  });
  it('sorts by numbers and by ids as people count, both ways', () => {
    const rows = [row({ attack_id: 'T10', examples: 3 }), row({ attack_id: 'T9', examples: 20 })];
    const ids = (sort: string) =>
      sorted(rows, sort, ['attack_id', 'examples']).map((n) => n.attack_id);
    expect([ids('attack_id'), ids('-attack_id')]).toEqual([
      ['T9', 'T10'],
      ['T10', 'T9'],
    ]);
    expect([ids('examples'), ids('-examples'), ids('nonsense')]).toEqual([
      ['T10', 'T9'],
      ['T9', 'T10'],
      ['T10', 'T9'],
    ]);
    expect([nextSort('', 'x'), nextSort('-x', 'x'), nextSort('x', 'x')]).toEqual(['-x', 'x', '-x']);
  });
  it('counts every row in one group', () => {
    const rows = [0, 1, 499, 500, 99_999].map((text_length) => row({ text_length }));
    const groups = counted(rows, lengthOf, LENGTHS);
    expect(groups.map((g) => g.count)).toEqual([1, 2, 1, 0, 0, 0, 1]);
    expect(groups.map((g) => lengthLabel(g.group)).slice(0, 3)).toEqual([
      'no text',
      '1–499',
      '500–999',
    ]);
    expect(counted([row({ modified: '2025' }), row({})], yearOf)).toEqual([
      { group: '2024', count: 1 },
      { group: '2025', count: 1 },
    ]);
  });
  it('keeps the other parameters of an address', () => {
    const url = new URL('http://a/s?w=1&q=x#old');
    expect(withParams(url, { q: '', tactic: 'a b' }, 'techniques')).toBe(
      '/s?w=1&tactic=a+b#techniques',
    );
  });
});
