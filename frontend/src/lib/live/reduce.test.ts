import { describe, expect, it } from 'vitest';
import type {
  Desk,
  Event,
  EventData,
  Member,
  Message,
  Poll,
  Proposal,
  Release,
  Room,
  Topic,
  Workshop,
} from '$lib/api/types';
import { applyEvent } from './reduce';
import { backoff, comesBack } from './socket.svelte';

const room = {
  seq: 5,
  workshop: { id: 'w', name: 'Old' },
  members: [{ user: { id: 'u1', name: 'Ada' }, roles: ['observer'] }],
  proposals: [{ id: 'p1', state: 'submitted' }],
  releases: [],
  messages: [],
  discussed: [],
  polls: [],
  desk: { parked: [], floor: { hands: [], speaker: '' }, groups: null, reading: null },
  feed: [],
} as unknown as Room;
const event = (seq: number, kind: string, data: EventData): Event => ({
  seq,
  workshop: 'w',
  actor: 'u1',
  kind,
  at: '2026-01-01T00:00:00.000Z',
  data,
});

describe('applyEvent', () => {
  it('ignores what the room has seen', () => {
    expect(
      applyEvent(room, event(5, 'workshop.updated', { workshop: { name: 'New' } as Workshop })),
    ).toBe(room);
  });
  it('replaces a proposal by id and drops its content', () => {
    const proposal = { id: 'p1', state: 'accepted', content: { number: 1 } } as Proposal;
    const next = applyEvent(room, event(6, 'review.approved', { proposal }));
    expect(next.proposals).toEqual([{ id: 'p1', state: 'accepted' }]);
    expect(proposal.content).toBeDefined();
    expect(next.seq).toBe(6);
    expect(room.seq).toBe(5);
  });
  it('takes off a release what goes back to its reviewers', () => {
    const releases = [{ id: 'r', proposals: ['p1', 'p2'] }] as Release[];
    const proposal = { id: 'p1', state: 'submitted', release: '' } as Proposal;
    const next = applyEvent({ ...room, releases }, event(6, 'suggestion.taken', { proposal }));
    expect(next.releases).toEqual([{ id: 'r', proposals: ['p2'] }]);
    const on = { id: 'p2', state: 'accepted', release: 'r' } as Proposal;
    expect(applyEvent(next, event(7, 'suggestion.made', { proposal: on })).releases).toBe(
      next.releases,
    );
  });
  it('adds and changes members', () => {
    const changed = { user: { id: 'u1', name: 'Ada' }, roles: ['reviewer'] } as Member;
    const joined = { user: { id: 'u2', name: 'Bo' }, roles: [] } as unknown as Member;
    const next = applyEvent(
      applyEvent(room, event(6, 'member.changed', { member: changed })),
      event(7, 'member.joined', { member: joined }),
    );
    expect(next.members).toEqual([changed, joined]);
  });
  it('counts what is said about objects and items of the agenda', () => {
    const said = (id: string, anchor: string, more: object = {}) =>
      ({ id, anchor, label: 'T1 Tea', ...more }) as Message;
    const gone = { deleted: { by: 'u1', at: '' } };
    const all = [
      event(6, 'message.posted', { message: said('a', 'object:o') }),
      event(7, 'message.posted', { message: said('b', 'object:o', gone) }),
      event(8, 'message.edited', { message: said('a', 'object:o') }),
      event(9, 'message.posted', { message: said('c', 'proposal:p1') }),
      event(10, 'moderation.hidden', { message: said('b', 'object:o', gone) }),
    ].reduce(applyEvent, room);
    expect(all.discussed).toEqual([{ on: 'object:o', label: 'T1 Tea', messages: 1 }]);
    const message = said('a', 'object:o', gone);
    expect(applyEvent(all, event(11, 'message.deleted', { message })).discussed).toEqual([]);
  });
  it('keeps only messages of the room among its messages', () => {
    const here = { id: 'm1', anchor: 'workshop:w' } as Message;
    const there = { id: 'm2', anchor: 'proposal:p1' } as Message;
    const next = applyEvent(
      applyEvent(room, event(6, 'message.posted', { message: here })),
      event(7, 'message.posted', { message: there }),
    );
    expect(next.messages).toEqual([here]);
    expect(next.feed.map((e) => e.seq)).toEqual([7, 6]);
  });
  it('counts votes, and says what was voted only where the poll is by name', () => {
    const poll = { id: 'q', state: 'open', votes: {} } as unknown as Poll;
    const tally = { ballots: 1, counts: [1, 0] };
    const opened = applyEvent(room, event(6, 'poll.opened', { poll }));
    const named = { poll: 'q', user: 'u1', ballot: [0], tally };
    const next = applyEvent(opened, event(7, 'poll.voted', { vote: named }));
    expect(next.polls).toEqual([{ ...poll, votes: { u1: [0] }, tally }]);
    const secret = { poll: 'q', user: 'u1', ballot: [] };
    expect(applyEvent(opened, event(7, 'poll.voted', { vote: secret })).polls).toEqual([
      { ...poll, votes: { u1: [] } },
    ]);
    expect(opened.polls[0]?.votes).toEqual({});
    const closed = { ...poll, state: 'closed', tally } as Poll;
    expect(applyEvent(next, event(8, 'poll.closed', { poll: closed })).polls).toEqual([closed]);
  });
  it('edits and deletes messages in their place, and forgets what was deleted', () => {
    const said = { id: 'm1', anchor: 'workshop:w', body: 'Hello' } as Message;
    const second = { id: 'm2', anchor: 'workshop:w', body: 'Yes' } as Message;
    const edited = { ...said, body: 'Hello all', version: 2 } as Message;
    const gone = { ...said, body: '', deleted: { by: 'u1', at: '' } } as Message;
    let next = applyEvent(room, event(6, 'message.posted', { message: said }));
    next = applyEvent(next, event(7, 'message.posted', { message: second }));
    next = applyEvent(next, event(8, 'message.edited', { message: edited }));
    expect(next.messages).toEqual([edited, second]);
    next = applyEvent(next, event(9, 'message.deleted', { message: gone }));
    expect(next.messages).toEqual([gone, second]);
    expect(JSON.stringify(next)).not.toContain('Hello');
  });
  it('takes facets of the desk whole, and what was added to long ones', () => {
    const reading = { id: 'r', read: ['a'] } as unknown as NonNullable<Desk['reading']>;
    const groups = {
      mode: 'choice',
      list: [{ id: 'g' }, { id: 'h' }],
    } as unknown as Desk['groups'];
    const [one, two] = [{ id: 't', done: false } as Topic, { id: 't', done: true } as Topic];
    const moved = { id: 'h', name: 'H', members: ['u1'], proposals: [] };
    const steps: EventData[] = [
      { desk: { reading } },
      { desk: { groups } },
      { tick: { what: 'reading', id: 'r', user: 'u1' } },
      { topic: one },
      { topic: two },
      { groups: [moved] },
    ];
    const after = steps.reduce((now, data, i) => applyEvent(now, event(6 + i, 'desk', data)), room);
    expect(after.desk).toEqual({
      ...room.desk,
      reading: { ...reading, read: ['a', 'u1'] },
      groups: { mode: 'choice', list: [{ id: 'g' }, moved] },
      parked: [two],
    });
    expect(applyEvent(after, event(12, 'desk', { desk: { reading: null } })).desk.reading).toBe(
      null,
    );
    expect(room.desk.parked).toEqual([]);
  });
  it('publishes a release with its proposals', () => {
    const release = { id: 'r', state: 'published' } as Release;
    const next = applyEvent(
      room,
      event(6, 'release.published', {
        release,
        proposals: [{ id: 'p1', state: 'released' } as Proposal, { id: 'p2' } as Proposal],
      }),
    );
    expect(next.releases).toEqual([release]);
    expect(next.proposals.map((p) => p.id)).toEqual(['p1', 'p2']);
  });
  it('keeps the newest 50 in the feed', () => {
    let next = room;
    for (let seq = 6; seq < 66; seq++) next = applyEvent(next, event(seq, 'workshop.updated', {}));
    expect([next.feed.length, next.feed[0]?.seq]).toEqual([50, 65]);
  });
});

describe('the connection', () => {
  it('comes back after every close but 4400 to 4499', () => {
    expect([1001, 1006, 4001, 4400, 4401, 4499, 4500].map(comesBack)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });
  it('waits longer each time, up to 15 s', () => {
    expect([backoff(0, 1), backoff(1, 0), backoff(20, 1)]).toEqual([500, 500, 15_000]);
  });
});
