import { afterEach, expect, it, vi } from 'vitest';
import type { Proposal } from '$lib/api/types';
import { isNew, open } from './opened';

afterEach(() => vi.unstubAllGlobals());

const draft = (id: string, author: string) => ({ id, author }) as Proposal;

it('calls new what others let me into until I open it', () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  expect(isNew('me', draft('a', 'me'))).toBe(false);
  expect(isNew('me', draft('a', 'ana'))).toBe(true);
  open('me', draft('a', 'ana'));
  expect(isNew('me', draft('a', 'ana'))).toBe(false);
  expect(isNew('me', draft('b', 'ana'))).toBe(true);
  expect(isNew('bo', draft('a', 'ana'))).toBe(true);
  for (const bad of ['no JSON', '7', '[1]']) {
    kept.set('atelier-opened:me', bad);
    expect(isNew('me', draft('a', 'ana'))).toBe(true);
  }
});
