import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { get, Problem } from '$lib/api/client';
import type { Event, Room } from '$lib/api/types';
import { LiveRoom } from './room.svelte';
import { live, LiveSocket, type Topic } from './socket.svelte';
import { workflow } from './workflow.fixture';

vi.mock('$lib/api/client', async (original) => ({ ...(await original<object>()), get: vi.fn() }));
beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.mocked(get).mockReset();
});

const room = (seq: number, name: string) =>
  ({
    seq,
    workshop: { id: 'w', name },
    members: [],
    proposals: [],
    releases: [],
    messages: [],
    polls: [],
    feed: [],
  }) as unknown as Room;
const event = (seq: number): Event =>
  ({ seq, workshop: 'w', actor: 'u', kind: 'workshop.updated', at: '', data: {} }) as Event;
const answer = (value: unknown) => vi.mocked(get).mockResolvedValueOnce(value as never);
const refuse = (status: number) =>
  vi.mocked(get).mockRejectedValueOnce(new Problem(status, '', 'No', ''));

beforeEach(() => void vi.stubGlobal('localStorage', { getItem: () => null }));

describe('a room that misses events', () => {
  const open = () => {
    const one = new LiveRoom(room(5, 'Old'), 'u', workflow, []);
    const heard: number[] = [];
    const missed = vi.fn();
    one.onEvent((e) => heard.push(e.seq), missed);
    return { one, heard, missed };
  };
  it('is read anew, while later events wait', async () => {
    const { one, heard, missed } = open();
    answer(room(8, 'New'));
    one.apply([event(6), event(8)]);
    one.apply([event(9)]);
    await vi.runAllTimersAsync();
    expect([one.state.seq, one.state.workshop.name]).toEqual([9, 'New']);
    expect(heard).toEqual([6, 9]);
    expect(missed).toHaveBeenCalledTimes(1);
    const rooms = vi.mocked(get).mock.calls.filter(([path]) => !String(path).endsWith('/unread'));
    expect(rooms).toHaveLength(1);
  });
  it('tries again until it is read', async () => {
    const { one } = open();
    refuse(503);
    answer(room(8, 'New'));
    one.apply([event(8)]);
    await vi.runAllTimersAsync();
    expect(one.state.seq).toBe(8);
  });
  it('ends when it may no longer be read', async () => {
    const { one } = open();
    refuse(404);
    one.apply([event(8)]);
    await vi.runAllTimersAsync();
    expect(one.refused).toBe(true);
  });
  it('says that it is refused when its subscription is', () => {
    let topic: Topic | undefined;
    vi.spyOn(live, 'join').mockImplementation((_, joined) => {
      topic = joined;
      return () => undefined;
    });
    const { one } = open();
    one.connect();
    topic?.refused();
    expect(one.refused).toBe(true);
  });
});

describe('a subscription that is refused', () => {
  const connect = () => {
    const sent: { type: string }[] = [];
    class Fake {
      static OPEN = 1;
      static last: Fake;
      readyState = 1;
      onopen = () => undefined;
      onmessage = (_: { data: string }) => undefined;
      onclose = (_: { code: number }) => undefined;
      constructor() {
        Fake.last = this;
      }
      send(frame: string) {
        sent.push(JSON.parse(frame) as { type: string });
      }
      close() {
        this.readyState = 3;
      }
    }
    vi.stubGlobal('WebSocket', Fake);
    vi.stubGlobal('location', new URL('http://atelier.test/'));
    const socket = new LiveSocket();
    const refused = vi.fn();
    const stale = vi.fn();
    const topic = { after: () => 0, events: vi.fn(), presence: vi.fn(), refused, stale };
    const leave = socket.join({ workshop: 'w' }, topic);
    Fake.last.onopen();
    const hear = (frame: object) =>
      Fake.last.onmessage({ data: JSON.stringify({ workshop: 'w', ...frame }) });
    return {
      socket,
      topic,
      refused,
      stale,
      leave,
      hear,
      sent,
      subscribed: () => sent.map((f) => f.type),
      last: () => Fake.last,
    };
  };
  it.each(['not_found', 'forbidden'])('is over when it is %s', async (code) => {
    const { socket, refused, hear, subscribed } = connect();
    hear({ type: 'error', code });
    await vi.runAllTimersAsync();
    expect([socket.state, refused.mock.calls.length]).toEqual(['refused', 1]);
    expect(subscribed()).toEqual(['subscribe']);
  });
  it('is tried again otherwise', async () => {
    const { socket, refused, hear, subscribed } = connect();
    hear({ type: 'error', code: 'unavailable' });
    expect(subscribed()).toEqual(['subscribe']);
    await vi.runAllTimersAsync();
    expect(subscribed()).toEqual(['subscribe', 'subscribe']);
    hear({ type: 'synced', seq: 0 });
    expect([socket.state, refused.mock.calls.length]).toEqual(['in sync', 0]);
  });
  it('tells a page what is its own, and that it is back after a lost connection', async () => {
    const { socket, topic, hear, last } = connect();
    const told = Object.assign(topic, { yours: vi.fn(), back: vi.fn() });
    hear({ type: 'synced', seq: 0 });
    expect(socket.ahead).toBe(0);
    hear({ type: 'synced', seq: 0, now: Date.now() + 90_000 });
    expect(socket.ahead).toBe(90_000);
    hear({ type: 'yours', about: 'draft:1' });
    expect(told.yours.mock.calls).toEqual([['draft:1']]);
    expect(told.back).not.toHaveBeenCalled();
    socket.lost();
    await vi.runAllTimersAsync();
    last().onopen();
    hear({ type: 'synced', seq: 0 });
    hear({ type: 'synced', seq: 1 });
    expect(told.back).toHaveBeenCalledOnce();
  });
  it('is lost when a server that said it is alive falls silent', async () => {
    const { socket, hear } = connect();
    hear({ type: 'synced', seq: 0 });
    hear({ type: 'alive' });
    await vi.advanceTimersByTimeAsync(59_000);
    hear({ type: 'alive' });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(socket.state).toBe('in sync');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.state).toBe('offline');
  });
  it('makes a page read its state anew when the server lost what it has seen', async () => {
    const { stale, hear, subscribed } = connect();
    hear({ type: 'error', code: 'stale' });
    expect(stale).toHaveBeenCalledOnce();
    await vi.runAllTimersAsync();
    expect(subscribed()).toEqual(['subscribe', 'subscribe']);
  });
  it('is not tried again for a page that was left', async () => {
    const { leave, hear, subscribed } = connect();
    hear({ type: 'error', code: 'internal' });
    leave();
    await vi.runAllTimersAsync();
    expect(subscribed()).toEqual(['subscribe', 'unsubscribe']);
  });
  it('keeps the place and the socket for a page of the same workshop that comes next', async () => {
    const { socket, topic, leave, sent, last } = connect();
    const first = last();
    socket.at({ workshop: 'w' }, 'proposal:p'); // a child's effect runs before those of its parents
    leave();
    socket.join({ workshop: 'w' }, topic);
    await vi.runAllTimersAsync();
    expect(sent.slice(-2)).toEqual([
      { type: 'subscribe', workshop: 'w', after: 0 },
      { type: 'at', workshop: 'w', place: 'proposal:p' },
    ]);
    expect([last() === first, first.readyState]).toEqual([true, 1]);
  });
  it('says who is elsewhere, and who has done nothing for a while', async () => {
    const { socket, sent } = connect();
    socket.at({ workshop: 'w' }, 'proposal:p', true);
    socket.active();
    await vi.advanceTimersByTimeAsync(3 * 60_000);
    socket.active();
    expect(sent.slice(1)).toEqual([
      { type: 'at', workshop: 'w', place: 'proposal:p', remote: true },
      { type: 'at', workshop: 'w', place: 'proposal:p', remote: true, idle: true },
      { type: 'at', workshop: 'w', place: 'proposal:p', remote: true },
    ]);
  });
  it('counts a crowd, and names those on the same page', () => {
    const { topic, hear } = connect();
    const count = { people: 60, idle: 1, remote: 2 };
    hear({ type: 'presence', full: true, here: [{ user: 'u', place: 'p' }], count });
    expect(topic.presence.mock.calls).toEqual([[true, [{ user: 'u', place: 'p' }], [], count]]);
  });
  it.each([
    [4001, 'Catching up', 2],
    [4002, 'Slowed down', 2],
    [4400, 'Load again', 1],
    [4401, 'Signed out', 1],
    [4406, 'Load again', 1],
    [4429, 'Too many tabs', 1],
    [1006, undefined, 2],
  ])('says why it was closed with %i', async (code, word, sockets) => {
    const { socket, last, hear } = connect();
    const first = last();
    first.onclose({ code });
    expect([socket.state, socket.ended?.word]).toEqual(['offline', word]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(last() === first).toBe(sockets === 1);
    if (sockets === 1) return;
    last().onopen();
    hear({ type: 'synced', seq: 0 });
    expect([socket.state, socket.ended]).toEqual(['in sync', undefined]);
  });
  it('tells a person what is theirs alone, on pages that follow nothing too', async () => {
    const { socket, topic, leave, hear, last } = connect();
    const told = Object.assign(topic, { yours: vi.fn() });
    const heard = vi.fn();
    const stop = socket.hear(heard);
    expect(heard.mock.calls).toEqual([['']]);
    leave();
    await vi.runAllTimersAsync();
    hear({ type: 'yours', workshop: undefined, about: 'waiting' });
    hear({ type: 'yours', about: 'draft:1' });
    expect([heard.mock.calls, told.yours.mock.calls]).toEqual([[[''], ['waiting']], []]);
    last().onclose({ code: 1006 });
    await vi.runAllTimersAsync();
    last().onopen();
    expect(heard.mock.calls).toEqual([[''], ['waiting'], ['']]);
    stop();
    await vi.runAllTimersAsync();
    expect(last().readyState).toBe(3);
  });
  it('hangs up when no page comes', async () => {
    const { leave, last } = connect();
    leave();
    await vi.runAllTimersAsync();
    expect(last().readyState).toBe(3);
  });
});
