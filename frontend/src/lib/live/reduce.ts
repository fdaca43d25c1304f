import type {
  Desk,
  Discussed,
  Event,
  Message,
  Poll,
  Proposal,
  Release,
  Room,
  Vote,
} from '$lib/api/types';
import { afterEvent } from '$lib/talk/messages';

const FEED = 50;

/** The state of a room after an event; an event that the room has already seen changes nothing. */
export function applyEvent(room: Room, event: Event): Room {
  if (event.seq <= room.seq) return room;
  const { workshop, member, proposal, proposals, release, message, poll, vote } = event.data;
  const next: Room = { ...room, seq: event.seq, feed: [event, ...room.feed].slice(0, FEED) };
  if (workshop) next.workshop = workshop;
  if (member) next.members = upsert(next.members, member, (m) => m.user.id);
  for (const one of [...(proposal ? [proposal] : []), ...(proposals ?? [])]) {
    next.proposals = upsert(next.proposals, brief(one), (p) => p.id);
    next.releases = off(next.releases, one);
  }
  if (release) next.releases = upsert(next.releases, release, (r) => r.id);
  next.messages = afterEvent(next.messages, event, `workshop:${room.workshop.id}`);
  next.discussed = discussedAfter(next.discussed, event);
  if (poll) next.polls = upsert(next.polls, poll, (p) => p.id);
  if (vote) next.polls = next.polls.map((p) => (p.id === vote.poll ? withVote(p, vote) : p));
  if (message?.deleted) next.feed = next.feed.map((one) => without(one, message));
  next.desk = deskAfter(next.desk, event);
  return next;
}

/** What is discussed apart from the room and its proposals, after an event. */
function discussedAfter(list: Discussed[], { kind, data: { message } }: Event): Discussed[] {
  if (!message || !/^(object|agenda):/.test(message.anchor)) return list;
  // Each message comes once, and each that was taken away goes once, by its author or not.
  const posted = kind === 'message.posted';
  if (!posted && kind !== 'message.deleted' && kind !== 'moderation.hidden') return list;
  const { anchor: on, label = '' } = message;
  const was = list.find((one) => one.on === on) ?? { on, label, messages: 0 };
  const messages = was.messages + (posted ? 1 : -1);
  return [...list.filter((one) => one.on !== on), ...(messages > 0 ? [{ ...was, messages }] : [])];
}

/** The desk after an event: facets come whole, and what was added to one that is long by itself. */
function deskAfter(desk: Desk, { data: { desk: facets, topic, tick, groups } }: Event): Desk {
  if (!facets && !topic && !tick && !groups) return desk;
  const next = { ...desk, ...facets };
  if (topic) next.parked = upsert(next.parked, topic, (t) => t.id);
  const { reading, writing } = next;
  if (tick?.what === 'reading' && reading)
    next.reading = { ...reading, read: [...reading.read, tick.user] };
  if (tick?.what === 'writing' && writing)
    next.writing = { ...writing, written: [...writing.written, tick.user] };
  if (groups && next.groups)
    next.groups = {
      ...next.groups,
      list: next.groups.list.map((one) => groups.find((now) => now.id === one.id) ?? one),
    };
  return next;
}

/** Of an anonymous poll a vote says neither what was voted nor how it stands. */
const withVote = (poll: Poll, { user, ballot, tally }: Vote): Poll => ({
  ...poll,
  votes: { ...poll.votes, [user]: ballot },
  ...(tally ? { tally } : {}),
});

/** Is the event the next one? After a gap a room has to be read anew. */
export const follows = (room: Pick<Room, 'seq'>, event: Pick<Event, 'seq'>): boolean =>
  event.seq <= room.seq + 1;

/** What was said of a message before it was deleted says no more than that, as in the journal. */
const without = (event: Event, message: Message): Event =>
  event.data.message?.id === message.id ? { ...event, data: { message } } : event;

export function upsert<T>(list: T[], item: T, id: (item: T) => string): T[] {
  const at = list.findIndex((one) => id(one) === id(item));
  return at < 0 ? [...list, item] : list.with(at, item);
}

/** What goes back to its reviewers is on no release any more, and no event of a release says so. */
function off(releases: Release[], { id, release }: Proposal): Release[] {
  if (release || !releases.some((one) => one.proposals.includes(id))) return releases;
  return releases.map((one) =>
    one.proposals.includes(id) ? { ...one, proposals: one.proposals.filter((p) => p !== id) } : one,
  );
}

// A room lists proposals without their text; the proposal's own page fetches it.
function brief<P extends { content?: unknown }>(proposal: P): P {
  const copy = { ...proposal };
  delete copy.content;
  return copy;
}
