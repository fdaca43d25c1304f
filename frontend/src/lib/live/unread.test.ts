import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event } from '$lib/api/types';
import { UnreadMessages } from './unread.svelte';

const posted = (seq: number, author: string, thread = `m${seq}`, kind = 'message.posted'): Event =>
  ({
    seq,
    kind,
    data: {
      message: {
        id: kind === 'message.posted' ? `m${seq}` : thread,
        thread,
        anchor: 'workshop:w',
        author,
        seq,
        ...(kind === 'message.deleted' ? { deleted: { by: author, at: '' } } : {}),
      },
    },
  }) as unknown as Event;

const put = vi.hoisted(() => vi.fn(() => Promise.resolve()));
vi.mock('$lib/api/client', () => ({
  get: () => {
    const unread = { message: 'm3', thread: 'm1', anchor: 'workshop:w', seq: 3, mentions: true };
    return Promise.resolve({ seq: 4, messages: [unread] });
  },
  put,
}));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('what is unread', () => {
  it('grows by what others say, and goes as it is read, here or elsewhere', async () => {
    const unread = new UnreadMessages('w', 'me');
    const loaded = unread.load();
    unread.take(posted(4, 'ana')); // the server knows of it
    unread.take(posted(5, 'ana', 'm1'));
    await loaded;
    unread.take(posted(6, 'me'));
    unread.take(posted(7, 'ana'));
    unread.take(posted(8, 'ana'));
    unread.take(posted(9, 'ana', 'm8', 'message.deleted'));
    expect(unread.list.map((one) => one.message)).toEqual(['m3', 'm5', 'm7']);
    expect([unread.about('workshop:w'), unread.about('proposal:p')]).toEqual([3, 0]);

    unread.told('read:m7:7');
    unread.read('m1', 3);
    unread.read('m1', 5);
    unread.read('m1', 5);
    expect(unread.list).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(put.mock.calls).toEqual([
      ['/workshops/w/unread', { threads: [{ thread: 'm1', seq: 5 }] }],
    ]);
  });
});
