import { beforeEach, expect, it, vi } from 'vitest';
import { Problem } from '$lib/api/client';
import type { Poll } from '$lib/api/types';
import { Voting } from './voting.svelte';

const post = vi.hoisted(() => vi.fn<(...args: unknown[]) => Promise<unknown>>());
vi.mock('$lib/api/client', async (real) => ({ ...(await real<object>()), post }));

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  post.mockReset();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
const poll = { id: 'p', anonymous: false, state: 'open', votes: {} } as unknown as Poll;
const away = () => Promise.reject(new Problem(0, 'offline', 'No connection', ''));

it('keeps a vote by name through a reload, and sends it as the same', async () => {
  post.mockImplementation(away);
  await new Voting().vote('w', poll, [1], 'ana', 'key');
  post.mockResolvedValue({});
  new Voting().resume('w', [poll], 'bo');
  expect(post).toHaveBeenCalledOnce(); // it is not theirs
  new Voting().resume('w', [poll], 'ana');
  await vi.waitFor(() => expect(kept.size).toBe(0));
  expect(post.mock.calls).toEqual(
    Array(2).fill(['/workshops/w/polls/p/vote', { ballot: [1] }, 'key']),
  );
});

it('keeps a vote that the server could not take, and sends it again by itself', async () => {
  vi.useFakeTimers();
  post.mockRejectedValueOnce(new Problem(503, 'busy', 'Busy', ''));
  const voting = new Voting();
  await voting.vote('w', poll, [1], 'ana', 'key');
  expect(kept.size).toBe(1);
  expect(voting.of(poll)).toMatchObject({ problem: 'Busy', again: true });
  post.mockResolvedValueOnce({});
  await vi.runAllTimersAsync();
  expect(post.mock.calls).toEqual(
    Array(2).fill(['/workshops/w/polls/p/vote', { ballot: [1] }, 'key']),
  );
  expect(kept.size).toBe(0);
  expect(voting.of(poll)).toMatchObject({ problem: '', again: false });
  vi.useRealTimers();
});

it('gives up a vote that is refused', async () => {
  post.mockRejectedValueOnce(new Problem(409, 'closed', 'The poll is closed', ''));
  const voting = new Voting();
  await voting.vote('w', poll, [1], 'ana');
  expect(kept.size).toBe(0);
  expect(voting.of(poll)).toMatchObject({ problem: 'The poll is closed', again: false });
});

it('keeps no anonymous vote on the device', async () => {
  post.mockImplementation(away);
  await new Voting().vote('w', { ...poll, anonymous: true }, [1], 'ana');
  expect(kept.size).toBe(0);
});
