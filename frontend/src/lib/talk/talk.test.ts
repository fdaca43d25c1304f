import { beforeEach, expect, it, vi } from 'vitest';
import { Problem } from '$lib/api/client';
import type { Message } from '$lib/api/types';
import { Talk } from './talk.svelte';

const put = vi.hoisted(() => vi.fn<(...args: unknown[]) => Promise<unknown>>());
vi.mock('$lib/api/client', async (real) => ({ ...(await real<object>()), put }));

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  put.mockReset();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
const message = { id: 'm', seq: 1 } as Message;
const open = () => new Talk('ana', '/workshops/w/messages', '/workshops/w/messages');
const users = (talk: Talk) => talk.signsOf(message).map(({ kind, users }) => [kind, users]);

it('keeps a reaction that did not arrive through a reload, shows it and sends it once', async () => {
  put.mockRejectedValue(new Problem(0, 'offline', 'No connection', ''));
  open().react(message, 'agree', true);
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  await vi.waitFor(() => expect([...kept.values()].join()).toContain('No connection'));

  const later = open();
  expect(users(later)).toEqual([['agree', ['ana']]]);
  put.mockResolvedValue({});
  later.outbox.resume();
  await vi.waitFor(() => expect(kept.size).toBe(0));
  const [path, body, key] = put.mock.calls[0] ?? [];
  expect(put.mock.calls).toEqual([
    ['/workshops/w/messages/m/reactions/agree', { on: true }, key],
    [path, body, key],
  ]);
});

it('sends of a sign that was given and taken back only what holds', async () => {
  put.mockRejectedValue(new Problem(0, 'offline', 'No connection', ''));
  const talk = open();
  talk.react(message, 'agree', true);
  await vi.waitFor(() => expect(talk.outbox.list[0]?.waits).toBe(true));
  talk.react(message, 'agree', false);
  await vi.waitFor(() => expect(talk.outbox.list[0]?.waits).toBe(true));
  expect(users(talk)).toEqual([]);
  expect(talk.outbox.list.map((one) => one.on)).toEqual([false]);
});
