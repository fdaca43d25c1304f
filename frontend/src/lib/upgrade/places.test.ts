import { expect, test } from 'vitest';
import { pieces, places } from './places';

const parts = [
  { conflict: false, text: 'Adversaries may ' },
  { conflict: true, base: 'steal old cookies', ours: 'take old cookies' },
  { conflict: false, text: ' from a browser.' },
];

test('a side is marked where both sides meet', () => {
  expect(places(parts)).toBe(1);
  expect(pieces(parts, 'ours', false)).toEqual([
    { place: false, words: [{ mark: 'same', text: 'Adversaries may ' }] },
    {
      place: true,
      words: [
        { mark: 'removed', text: 'steal' },
        { mark: 'added', text: 'take' },
        { mark: 'same', text: ' old cookies' },
      ],
    },
    { place: false, words: [{ mark: 'same', text: ' from a browser.' }] },
  ]);
});

test('a side that has nothing there shows what went', () => {
  expect(pieces(parts, 'theirs', false)[1]).toEqual({
    place: true,
    words: [{ mark: 'removed', text: 'steal old cookies' }],
  });
});

test('what is far from a place is left out, unless all is wanted', () => {
  const long = 'word '.repeat(200);
  const text = [{ conflict: false, text: long }, parts[1]!, { conflict: false, text: long }];
  const read = (whole: boolean) =>
    pieces(text, 'ours', whole).map((piece) => piece.words.map((w) => w.text).join(''));
  const [before, , after] = read(false);
  expect(before).toMatch(/^ ?… (word )+$/);
  expect(after).toMatch(/^ ?(word )+…? ?$/);
  expect(before!.length + after!.length).toBeLessThan(400);
  expect(read(true)[0]).toBe(long);
});
