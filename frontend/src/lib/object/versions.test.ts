import { expect, it } from 'vitest';
import type { Version } from '$lib/api/types';
import { chosenPair } from './versions';

it('compares the newest with the one before it, where nobody chose others', () => {
  const versions = [{ id: 7 }, { id: 5 }, { id: 3 }] as Version[];
  expect(chosenPair(versions, { before: 0, after: 0 })).toEqual({ before: 5, after: 7 });
  expect(chosenPair(versions, { before: 3, after: 5 })).toEqual({ before: 3, after: 5 });
  expect(chosenPair(versions, { before: 99, after: NaN })).toEqual({ before: 5, after: 7 });
  expect(chosenPair(versions.slice(0, 1), { before: 0, after: 0 })).toEqual({
    before: 7,
    after: 7,
  });
  expect(chosenPair([], { before: 0, after: 0 })).toEqual({ before: 0, after: 0 });
});
