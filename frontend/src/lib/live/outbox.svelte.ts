import { untrack } from 'svelte';
import { asProblem, newKey, patch, post, put, remove } from '$lib/api/client';

/** A write that waits: a new message, another text for one, that one is deleted, or a sign for one. */
export interface Unsent {
  key: string;
  /** Where it goes: the thread's messages, or one message. */
  path: string;
  method?: 'patch' | 'delete' | 'react'; // none: a new message
  /** The message that it changes. */
  message?: string;
  body: string;
  field?: string;
  /** The thread that it replies to; none: it opens one. */
  thread?: string;
  /** Of the text that it replaces. */
  version?: number;
  /** The sign that a reaction gives, or takes back. */
  sign?: string;
  on?: boolean;
  /** The words of the field that a new thread is about. */
  words?: { revision: number; quote: string; start: number };
  /** Why what must not be shared may stand. */
  explained?: Record<string, string>;
  problem: string;
  /** The server was not reached: it is sent by itself when it is there again. */
  waits?: boolean;
  /** How many messages the thread had when this one was written. */
  after?: number;
}

/** When what the server did not take yet is sent again, where it does not say when. */
const SOON = 5000;

type Message = `/workshops/${string}/messages/${string}`;
type Sign = `${Message}/reactions/${string}`;
// The room and each proposal take messages in the same way; an outbox is opened on one of them.
type Thread = `/workshops/${string}/messages`;

function write(one: Unsent): Promise<unknown> {
  const { key, path, method, body, field, thread, words, explained, version = 1, on = true } = one;
  const why = explained ? { explained } : {};
  if (method === 'patch') return patch(path as Message, { body, version, ...why }, key);
  if (method === 'react') return put(path as Sign, { on }, key);
  if (method === 'delete') return remove(path as Message, key);
  const about = { ...(field ? { field } : {}), ...(words ? { words } : {}) };
  const more = { ...about, ...(thread ? { thread } : {}), ...why };
  return post(path as Thread, { body, ...more }, key);
}

/**
 * What is on its way to a discussion. It is kept on the device until the server has answered, and
 * sent again under the same key, so that it arrives once: one after the other, in the order in
 * which it was written. What the server refuses stays behind, and the rest goes on. Open one per
 * discussion (user and path).
 */
export class Outbox {
  list = $state<Unsent[]>([]);
  readonly #store: string;
  #sending = false;

  constructor(
    user: string,
    readonly path: string,
    readonly send: (one: Unsent) => Promise<unknown> = write,
  ) {
    this.#store = `atelier-unsent:${user}:${path}`;
    try {
      this.list = JSON.parse(localStorage.getItem(this.#store) ?? '[]') as Unsent[];
    } catch {
      this.list = [];
    }
  }

  /** Sends it, behind all that waits. */
  add(unsent: Omit<Unsent, 'key' | 'problem' | 'path'> & { path?: string }) {
    this.list.push({ path: this.path, ...unsent, key: newKey(), problem: '' });
    this.#keep();
    this.resume();
  }

  /** Sends what was left over by a lost connection or by an earlier visit. */
  resume() {
    for (const one of untrack(() => this.list)) if (one.waits) this.#clear(one);
    void this.#send();
  }

  /** Tries once more; what waits before it goes first. */
  again(key: string) {
    const one = untrack(() => this.list).find((u) => u.key === key);
    if (one) this.#clear(one);
    this.resume();
  }

  #clear(one: Unsent) {
    one.problem = '';
    one.waits = false;
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    for (let one; (one = untrack(() => this.list).find((u) => !u.problem));) {
      try {
        await this.send($state.snapshot(one));
        this.drop(one.key);
      } catch (cause) {
        const { status, message, after } = asProblem(cause);
        const waits = status === 0 || status === 429 || status >= 500;
        // What comes behind it must not overtake it.
        for (const u of untrack(() => this.list))
          if (u.key === one.key || (waits && !u.problem))
            Object.assign(u, { problem: message, waits });
        this.#keep();
        // The server is there, and may take it soon.
        if (waits && status > 0) setTimeout(() => this.resume(), after * 1000 || SOON);
      }
    }
    this.#sending = false;
  }

  drop(key: string) {
    this.list = this.list.filter((u) => u.key !== key);
    this.#keep();
  }

  #keep() {
    if (this.list.length) localStorage.setItem(this.#store, JSON.stringify(this.list));
    else localStorage.removeItem(this.#store);
  }
}
