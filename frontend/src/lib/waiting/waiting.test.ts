import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { get, post } from '$lib/api/client';
import type { Notice } from '$lib/api/types';
import { live } from '$lib/live/socket.svelte';
import { Bell } from './bell.svelte';
import { byWorkshop } from './groups';
import { bytes } from './push';

vi.mock('$lib/api/client', async (original) => ({
  ...(await original<object>()),
  get: vi.fn(),
  post: vi.fn(),
}));
beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.mocked(get).mockReset();
  vi.mocked(post).mockReset();
});

const notice = (id: number, more: Partial<Notice> = {}) =>
  ({
    id,
    workshop: 'w',
    workshop_name: 'Winter',
    href: `/w/w/proposals/p${id}`,
    at: new Date(id * 1000).toISOString(),
    unread: true,
    ...more,
  }) as Notice;
const answer = (...items: Notice[]) =>
  vi.mocked(get).mockResolvedValueOnce({ unread: items.length, items } as never);

describe('what waits', () => {
  it('is told by workshop, what is not read first', () => {
    const there = { workshop: 'v', workshop_name: 'Spring' };
    const groups = byWorkshop([
      notice(4, { ...there, unread: false }),
      notice(3),
      notice(2, { unread: false }),
      notice(1, there),
    ]);
    expect(groups.map(({ name, unread, items }) => [name, unread, items.map((i) => i.id)])).toEqual(
      [
        ['Winter', 1, [3, 2]],
        ['Spring', 1, [1, 4]],
      ],
    );
    expect(byWorkshop([])).toEqual([]);
  });
});

describe('the bell', () => {
  const hang = () => {
    let hear: (about: string) => void = () => undefined;
    vi.spyOn(live, 'hear').mockImplementation((heard) => {
      hear = heard;
      return () => undefined;
    });
    const bell = new Bell();
    const down = bell.hang();
    return { bell, down, hear: (about: string) => hear(about) };
  };
  it('counts what is told, and reads once more what came while it read', async () => {
    const { bell, down, hear } = hang();
    answer(notice(1));
    hear('');
    answer(notice(1), notice(2));
    hear('waiting');
    hear('waiting');
    hear('draft:1');
    await vi.runAllTimersAsync();
    expect([bell.unread, vi.mocked(get).mock.calls.length]).toEqual([2, 2]);
    vi.mocked(get).mockRejectedValueOnce(new TypeError());
    hear('');
    await vi.runAllTimersAsync();
    expect(bell.unread).toBe(2);
    down();
    expect(bell.unread).toBe(0);
  });
  it('takes for read what somebody looks at for a while', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    vi.stubGlobal('document', page);
    const { bell, hear } = hang();
    answer(notice(1), notice(2), notice(3, { href: '/w/w/proposals/p1#message-m' }));
    hear('');
    await vi.runAllTimersAsync();
    expect(bell.look('/w/w')).toBeUndefined();
    const leave = bell.look('/w/w/proposals/p1');
    await vi.advanceTimersByTimeAsync(5000);
    expect(post).not.toHaveBeenCalled();
    vi.mocked(post).mockResolvedValue({ ids: [1] } as never);
    answer(notice(2));
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(5000);
    leave?.();
    expect(vi.mocked(post).mock.calls).toEqual([['/me/waiting', { ids: [1] }]]);
    expect(bell.unread).toBe(1);
  });
});

describe('a key for push', () => {
  it('is written for addresses', () => {
    expect([...bytes('_-8BAg')]).toEqual([255, 239, 1, 2]);
  });
});
