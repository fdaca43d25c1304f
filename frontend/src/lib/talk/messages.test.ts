import { describe, expect, it } from 'vitest';
import type { Event, Message } from '$lib/api/types';
import { afterEvent, reactedTo } from './messages';

const message = (id: string, seq: number, more: object = {}) =>
  ({ id, seq, anchor: 'workshop:w', ...more }) as Message;
const heard = (data: Event['data']) => ({ data });

describe('messages after an event', () => {
  const list = [message('a', 1), message('b', 2, { reactions: [{ kind: 'look', users: ['u'] }] })];
  it('has what is new where it was posted, and what changed in its place', () => {
    const posted = afterEvent(list, heard({ message: message('c', 3) }), 'workshop:w');
    expect(posted.map((one) => one.id)).toEqual(['a', 'b', 'c']);
    const edited = afterEvent(
      list,
      heard({ message: message('a', 1, { body: 'x' }) }),
      'workshop:w',
    );
    expect(edited.map((one) => one.body)).toEqual(['x', undefined]);
  });
  it('leaves what is said elsewhere alone', () => {
    expect(afterEvent(list, heard({ message: message('c', 3) }), 'proposal:p')).toBe(list);
    const reaction = { message: 'b', anchor: 'proposal:p', kind: 'look', user: 'v', on: true };
    expect(afterEvent(list, heard({ reaction }), 'workshop:w')).toBe(list);
  });
  it('has a reaction once, and loses what is taken back', () => {
    const by = (user: string, kind: string, on: boolean) =>
      heard({ reaction: { message: 'b', anchor: 'workshop:w', kind, user, on } });
    const events = [by('v', 'look', true), by('v', 'look', true), by('u', 'agree', true)];
    const given = events.reduce((now, event) => afterEvent(now, event, 'workshop:w'), list);
    expect(given[1]?.reactions).toEqual([
      { kind: 'agree', users: ['u'] },
      { kind: 'look', users: ['u', 'v'] },
    ]);
    const back = [by('u', 'look', false), by('v', 'look', false), by('u', 'agree', false)];
    const none = back.reduce((now, event) => afterEvent(now, event, 'workshop:w'), given);
    expect(none[1]).toEqual(message('b', 2));
    expect(list[1]?.reactions).toEqual([{ kind: 'look', users: ['u'] }]);
  });
  it('knows where the words of a thread are now', () => {
    const words = { quote: 'tea', start: 4, revision: 2 } as NonNullable<Message['words']>;
    const followed = [
      { thread: 'a', anchor: 'workshop:w', words },
      { thread: 'b', anchor: 'proposal:p', words },
    ];
    const now = afterEvent(list, heard({ followed }), 'workshop:w');
    expect(now).toEqual([{ ...list[0], words }, list[1]]);
    expect(afterEvent(list, heard({ followed }), 'group:g')).toBe(list);
  });
  it('takes back what nobody gave', () => {
    const before = message('a', 1);
    expect(reactedTo(before, { kind: 'look', user: 'u', on: false })).toEqual(before);
  });
});
