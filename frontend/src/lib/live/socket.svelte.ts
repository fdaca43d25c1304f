import { untrack } from 'svelte';
import type { Event, TextUpdate } from '$lib/api/types';

export type ConnectionState = 'connecting' | 'in sync' | 'offline' | 'refused';
export interface Here {
  user: string;
  /** A page, and behind # a field of it. */
  place: string;
  /** Has done nothing for a while. */
  idle?: boolean;
  /** Is not in the room where the workshop is. */
  remote?: boolean;
}
/** How many are here, where they are too many to be named. */
export interface Count {
  people: number;
  idle: number;
  remote: number;
}
/** What can be followed: the journal of a workshop, or a text in one. */
export interface Address {
  workshop: string;
  /** What the text belongs to; none: the journal. */
  text?: string;
  field?: string;
}
export interface Topic {
  /** The last sequence number that was applied; asked again at each connection. */
  after(): number;
  events?(events: Event[]): void;
  updates?(updates: TextUpdate[]): void;
  /** With a count, only those are named who are on the same page. */
  presence(full: boolean, here: Here[], left: string[], count?: Count): void;
  /** Something that is not for all has changed: what to look at. May get lost. */
  yours?(about: string): void;
  /** It is in sync again after the connection was lost. */
  back?(): void;
  /** It cannot be followed, now or later. */
  refused(): void;
  /** The server has lost what this page has seen; its state has to be read anew. */
  stale?(): void;
}

type Frame = Partial<Address> &
  (
    | { type: 'events'; events: Event[] }
    | { type: 'updates'; updates: TextUpdate[] }
    | { type: 'synced'; seq: number; now?: number }
    | { type: 'presence'; full?: boolean; here?: Here[]; left?: string[]; count?: Count }
    | { type: 'yours'; about: string }
    | { type: 'alive' }
    | { type: 'error'; code: string; message: string }
  );

/** The server does not say of which workshop a text is. */
const keyOf = ({ workshop = '', text, field = '' }: Partial<Address>) =>
  text ? `${text} ${field}` : workshop;

/** How long to wait before the n-th attempt: doubling up to 15 s, at random within the upper half. */
export function backoff(attempt: number, random = Math.random()): number {
  const top = Math.min(15_000, 500 * 2 ** attempt);
  return top / 2 + (top / 2) * random;
}

/** May a connection that was closed with this code be opened again? */
export const comesBack = (code: number) => code < 4400 || code > 4499;

/** Why the server ended the connection, where it says so: in a word, and what to do. */
export interface Ended {
  word: string;
  what: string;
}
const ENDED: Record<number, Ended> = {
  1007: { word: 'Load again', what: 'This page sent what the server cannot read. Load it again.' },
  1009: { word: 'Load again', what: 'This page sent more than the server takes. Load it again.' },
  4001: {
    word: 'Catching up',
    what: 'The line was too slow. What you missed arrives in a moment.',
  },
  4002: { word: 'Slowed down', what: 'This page said too much at once. It goes on in a moment.' },
  4400: { word: 'Load again', what: 'The server does not understand this page. Load it again.' },
  4401: { word: 'Signed out', what: 'Your session is over. Sign in or join again.' },
  4406: {
    word: 'Load again',
    what: 'This page is of another version than the server. Load it again.',
  },
  4429: {
    word: 'Too many tabs',
    what: 'Atelier is open in too many tabs. Close some, and try again.',
  },
};

/** How long a connection lasts that was a good one: after it, the next try comes soon. */
const GOOD = 10_000;

/** How long nothing is said by a server that says every 25 seconds that it is alive, before the connection counts as lost. */
const SILENT = 60_000;

/** How long a socket without a topic is kept, for the next page to use. */
const IDLE = 2000;

/** How long who does nothing counts as active. */
const RESTS = 3 * 60_000;

/** Does a refused subscription stay refused? All else passes, and is tried again. */
const FINAL = new Set(['not_found', 'forbidden']);

/** The one websocket of this tab. It only reads; every write goes over HTTP. */
export class LiveSocket {
  state = $state<ConnectionState>('connecting');
  /** Why it is offline, where the server has said so. */
  ended = $state.raw<Ended>();
  /** By how many milliseconds the server's clock is ahead of this device's. */
  ahead = $state(0);
  #topics = new Map<string, { at: Address; topic: Topic }>();
  /** Who hears what this person alone is told, whatever is followed. */
  #mine = new Set<(about: string) => void>();
  #opened = 0;
  #places = new Map<string, { at: Address; place: string; remote: boolean }>();
  #rest: ReturnType<typeof setTimeout> | undefined;
  #resting = false;
  /** What was followed when the connection was lost. */
  #cut = new Set<Topic>();
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #refusals = 0;

  join(at: Address, topic: Topic): () => void {
    clearTimeout(this.#idle);
    this.#topics.set(keyOf(at), { at, topic });
    // Pages join in an effect, which must not run again for what subscribing reads and changes.
    untrack(() => {
      if (this.#socket?.readyState === WebSocket.OPEN) this.#subscribe(at, topic);
      else this.#connect();
    });
    return () => this.#leave(at, topic);
  }

  /**
   * Hears what this person alone is told to look at, on pages that follow nothing too: an empty
   * word whenever a connection begins, for some may have been missed. Gives back how to stop.
   */
  hear(heard: (about: string) => void): () => void {
    clearTimeout(this.#idle);
    this.#mine.add(heard);
    untrack(() => {
      if (this.#socket?.readyState === WebSocket.OPEN) heard('');
      else this.#connect();
    });
    return () => {
      this.#mine.delete(heard);
      this.#idle = setTimeout(() => this.#hangUp(), IDLE);
    };
  }

  /** Tells the others where this tab is, for example "proposal:UUID", and who is not in the room. */
  at(at: Address, place: string, remote = false) {
    this.#places.set(keyOf(at), { at, place, remote });
    this.#tell(keyOf(at));
  }

  #tell(key: string) {
    const found = this.#places.get(key);
    if (!found) return;
    const { at, place, remote } = found;
    const more = { ...(remote ? { remote } : {}), ...(this.#resting ? { idle: true } : {}) };
    this.#send({ type: 'at', ...at, place, ...more });
  }

  /** Somebody does something here: they are idle only a while after it. */
  active() {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#rests(true), RESTS);
    if (this.#resting) this.#rests(false);
  }

  #rests(resting: boolean) {
    this.#resting = resting;
    for (const key of this.#places.keys()) this.#tell(key);
  }

  #leave(at: Address, topic: Topic) {
    if (this.#topics.get(keyOf(at))?.topic !== topic) return;
    this.#topics.delete(keyOf(at));
    this.#cut.delete(topic);
    this.#send({ type: 'unsubscribe', ...at });
    // The next page may be of the same workshop: it says where it is before this one is left, and
    // joins just after.
    this.#idle = setTimeout(() => this.#hangUp(), IDLE);
  }

  #hangUp() {
    if (this.#topics.size + this.#mine.size > 0) return;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  #connect() {
    if (this.#socket || this.#topics.size + this.#mine.size === 0) return;
    clearTimeout(this.#timer);
    this.state = this.#attempt > 0 ? 'offline' : 'connecting';
    const url = new URL('/ws', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, 'atelier.v1');
    this.#socket = socket;
    socket.onopen = () => {
      this.#opened = Date.now();
      for (const heard of this.#mine) heard('');
      for (const { at, topic } of this.#topics.values()) this.#subscribe(at, topic);
    };
    socket.onmessage = (message) => this.#receive(JSON.parse(message.data as string) as Frame);
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  #closed(socket: WebSocket, code: number) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    clearTimeout(this.#silence);
    this.state = 'offline';
    this.ended = ENDED[code];
    if (Date.now() - this.#opened > GOOD && this.#opened) this.#attempt = 0;
    this.#opened = 0;
    for (const { topic } of this.#topics.values()) this.#cut.add(topic);
    if (!comesBack(code)) return;
    this.#timer = setTimeout(() => this.#connect(), backoff(this.#attempt++));
  }

  /** Tries at once, for example when the browser says that the network is back. */
  retry() {
    this.#attempt = 0;
    this.#connect();
  }

  /** The browser says that there is no network: nothing arrives, whatever the socket believes. */
  lost() {
    const socket = this.#socket;
    if (!socket) return;
    this.#closed(socket, 1006);
    socket.close();
  }

  // In sync is said only when the server has said so, for each subscription anew.
  #subscribe(at: Address, topic: Topic) {
    if (this.state !== 'offline') this.state = 'connecting';
    this.#send({ type: 'subscribe', ...at, after: topic.after() });
    const said = this.#places.get(keyOf(at));
    if (said?.place || said?.remote || this.#resting) this.#tell(keyOf(at));
  }

  #receive(frame: Frame) {
    if (frame.type === 'alive') {
      clearTimeout(this.#silence);
      this.#silence = setTimeout(() => this.lost(), SILENT);
      return;
    }
    if (frame.type === 'yours' && !frame.workshop && !frame.text)
      for (const heard of this.#mine) heard(frame.about);
    const found = this.#topics.get(keyOf(frame));
    if (!found) return;
    const { at, topic } = found;
    if (frame.type === 'events') topic.events?.(frame.events);
    if (frame.type === 'updates') topic.updates?.(frame.updates);
    if (frame.type === 'presence')
      topic.presence(frame.full ?? false, frame.here ?? [], frame.left ?? [], frame.count);
    if (frame.type === 'yours') topic.yours?.(frame.about);
    if (frame.type === 'error') this.#refused(at, topic, frame.code);
    if (frame.type !== 'synced') return;
    if (frame.now) this.ahead = frame.now - Date.now();
    this.#attempt = this.#refusals = 0;
    this.state = 'in sync';
    this.ended = undefined;
    if (this.#cut.delete(topic)) topic.back?.();
  }

  #refused(at: Address, topic: Topic, code: string) {
    if (FINAL.has(code)) {
      // Who may not follow a text any more can go on in the workshop.
      if (at.text) this.#topics.delete(keyOf(at));
      this.state = at.text ? 'in sync' : 'refused';
      topic.refused();
      return;
    }
    if (code === 'stale' || code === 'gone') topic.stale?.();
    const socket = this.#socket;
    setTimeout(() => {
      // A new connection has subscribed already, and a page that was left needs nothing.
      if (this.#socket === socket && this.#topics.get(keyOf(at))?.topic === topic)
        this.#subscribe(at, topic);
    }, backoff(this.#refusals++));
  }

  #send(frame: unknown) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}

export const live = new LiveSocket();
