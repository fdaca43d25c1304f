import { untrack } from 'svelte';
import type { Event } from '$lib/api/types';

export type ConnectionState = 'connecting' | 'in sync' | 'offline' | 'refused';
export interface Here {
  user: string;
  place: string;
}
export interface Topic {
  /** The last sequence number that was applied; asked again at each connection. */
  after(): number;
  events(events: Event[]): void;
  presence(full: boolean, here: Here[], left: string[]): void;
  /** The workshop cannot be followed, now or later. */
  refused(): void;
  /** The server has lost what this page has seen; its state has to be read anew. */
  stale?(): void;
}

type Frame =
  | { type: 'events'; workshop: string; events: Event[] }
  | { type: 'synced'; workshop: string; seq: number }
  | {
      type: 'presence';
      workshop: string;
      full: boolean;
      here: Here[] | null;
      left: string[] | null;
    }
  | { type: 'error'; workshop?: string; code: string; message: string };

/** How long to wait before the n-th attempt: doubling up to 15 s, at random within the upper half. */
export function backoff(attempt: number, random = Math.random()): number {
  const top = Math.min(15_000, 500 * 2 ** attempt);
  return top / 2 + (top / 2) * random;
}

/** May a connection that was closed with this code be opened again? */
export const comesBack = (code: number) => code < 4400 || code > 4499;

/** How long a socket without a topic is kept, for the next page to use. */
const IDLE = 2000;

/** Does a refused subscription stay refused? All else passes, and is tried again. */
const FINAL = new Set(['not_found', 'forbidden']);

/** The one websocket of this tab. It only reads; every write goes over HTTP. */
export class LiveSocket {
  state = $state<ConnectionState>('connecting');
  #topics = new Map<string, Topic>();
  #places = new Map<string, string>();
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #refusals = 0;

  join(workshop: string, topic: Topic): () => void {
    clearTimeout(this.#idle);
    this.#topics.set(workshop, topic);
    // Pages join in an effect, which must not run again for what subscribing reads and changes.
    untrack(() => {
      if (this.#socket?.readyState === WebSocket.OPEN) this.#subscribe(workshop, topic);
      else this.#connect();
    });
    return () => this.#leave(workshop, topic);
  }

  /** Tells the others where this tab is, for example "proposal:UUID". */
  at(workshop: string, place: string) {
    if (place) this.#places.set(workshop, place);
    else this.#places.delete(workshop);
    this.#send({ type: 'at', workshop, place });
  }

  #leave(workshop: string, topic: Topic) {
    if (this.#topics.get(workshop) !== topic) return;
    this.#topics.delete(workshop);
    this.#send({ type: 'unsubscribe', workshop });
    // The next page may be of the same workshop: it says where it is before this one is left, and
    // joins just after.
    this.#idle = setTimeout(() => this.#hangUp(), IDLE);
  }

  #hangUp() {
    if (this.#topics.size > 0) return;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  #connect() {
    if (this.#socket || this.#topics.size === 0) return;
    clearTimeout(this.#timer);
    this.state = this.#attempt > 0 ? 'offline' : 'connecting';
    const url = new URL('/ws', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, 'atelier.v1');
    this.#socket = socket;
    socket.onopen = () => {
      for (const [workshop, topic] of this.#topics) this.#subscribe(workshop, topic);
    };
    socket.onmessage = (message) => this.#receive(JSON.parse(message.data as string) as Frame);
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  #closed(socket: WebSocket, code: number) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.state = 'offline';
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
  #subscribe(workshop: string, topic: Topic) {
    if (this.state !== 'offline') this.state = 'connecting';
    this.#send({ type: 'subscribe', workshop, after: topic.after() });
    const place = this.#places.get(workshop);
    if (place) this.#send({ type: 'at', workshop, place });
  }

  #receive(frame: Frame) {
    const topic = frame.workshop ? this.#topics.get(frame.workshop) : undefined;
    if (!topic) return;
    if (frame.type === 'events') topic.events(frame.events);
    if (frame.type === 'presence') topic.presence(frame.full, frame.here ?? [], frame.left ?? []);
    if (frame.type === 'error') this.#refused(frame.workshop ?? '', topic, frame.code);
    if (frame.type !== 'synced') return;
    this.#attempt = this.#refusals = 0;
    this.state = 'in sync';
  }

  #refused(workshop: string, topic: Topic, code: string) {
    if (FINAL.has(code)) {
      this.state = 'refused';
      topic.refused();
      return;
    }
    if (code === 'stale') topic.stale?.();
    const socket = this.#socket;
    setTimeout(() => {
      // A new connection has subscribed already, and a page that was left needs nothing.
      if (this.#socket === socket && this.#topics.get(workshop) === topic)
        this.#subscribe(workshop, topic);
    }, backoff(this.#refusals++));
  }

  #send(frame: unknown) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}

export const live = new LiveSocket();
