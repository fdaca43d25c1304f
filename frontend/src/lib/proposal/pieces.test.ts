import { describe, expect, it } from 'vitest';
import type { Message } from '$lib/api/types';
import { wordsDiff } from './diff';
import { pieces, placeIn, placeLike, spansIn, wordsBetween } from './pieces';

describe('pieces of a comparison', () => {
  const before = 'A kettle can whistle.';
  const after = 'A copper kettle can hum.';
  const words = wordsDiff(before, after);
  it('know where they are in the new text', () => {
    for (const { text, at } of pieces(words, []))
      if (at !== undefined) expect(after.slice(at, at + text.length)).toBe(text);
    const all = pieces(words, []).map((one) => one.text);
    expect(all).toEqual(words.map((one) => one.text));
  });
  it('are cut where threads begin and end', () => {
    const said = (spans: [string, number, number][]) =>
      pieces(
        words,
        spans.map(([thread, start, end]) => ({ thread, start, end })),
      ).flatMap(({ thread, text }) => (thread ? [`${thread}:${text}`] : []));
    expect(said([['a', 2, 15]])).toEqual(['a:copper ', 'a:kettle']);
    expect(said([['a', 0, 15]]).join('')).toBe('a:A a:copper a:kettle');
    expect(
      said([
        ['a', 2, 19],
        ['b', 9, 15],
      ]),
    ).toEqual(['a:copper ', 'b:kettle', 'a: can']);
  });
  it('leave out what is long and nobody talks about', () => {
    const long = 'word '.repeat(100);
    const compared = wordsDiff(`${long}old`, `${long}new`);
    const folded = pieces(compared, [], 20);
    expect(folded[0]).toEqual({ mark: 'same', text: ' … ' });
    const { text, at = 0 } = folded[1]!;
    expect(`${long}new`.slice(at, at + text.length)).toBe(text);
    const kept = pieces(compared, [{ thread: 'a', start: 10, end: 14 }], 20);
    expect(kept.map((one) => one.text).join('')).toContain(long);
  });
});

describe('chosen words', () => {
  it('are found in a text', () => {
    expect([placeIn('a b a b', 'b'), placeIn('a b a b', 'b', 1), placeIn('a b', 'c')]).toEqual([
      2, 6, -1,
    ]);
    expect(wordsBetween('It  whistles. ', 2, 13)).toEqual({ quote: 'whistles.', start: 4 });
  });
  it('are found in another text where they stand as often before', () => {
    expect(placeLike('a kettle, a kettle', 'kettle', 'one kettle, then ')).toBe(12);
    expect(placeLike('a kettle', 'kettle', 'one kettle, then ')).toBe(2);
    expect(placeLike('a kettle', 'pot', '')).toBe(-1);
  });
  it('are shown where the text has them', () => {
    const words = { start: 2, end: 4, revision: 2, gone: false };
    const said = (id: string, more: object) =>
      ({ id, field: 'name', words: { ...words, ...more } }) as Message;
    const all = [
      said('a', {}),
      said('b', { gone: true }),
      said('c', { revision: 1 }),
      { id: 'd', field: 'name' } as Message,
    ];
    expect(spansIn(all, 'name', 2)).toEqual([{ thread: 'a', start: 2, end: 4 }]);
    expect(spansIn(all, 'description', 2)).toEqual([]);
  });
});
