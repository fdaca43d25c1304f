import { expect, it } from 'vitest';
import { askedIn, paramsOf } from './found';

it('a search in messages is in the address', () => {
  const asked = { q: 'tea', by: 'u', about: 'object' };
  expect(askedIn(new URLSearchParams(paramsOf(asked)))).toEqual(asked);
  expect(paramsOf({ q: '', by: '', about: 'nonsense' })).toEqual({});
});
