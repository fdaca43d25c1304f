import { untrack } from 'svelte';
import { asProblem, newKey, post } from '$lib/api/client';

const OFFLINE = asProblem(new TypeError()).message;

export interface Unsent {
  key: string;
  path: string;
  body: string;
  field?: string;
  /** Why what must not be shared may stand. */
  explained?: Record<string, string>;
  problem: string;
  /** How many messages the thread had when this one was written. */
  after?: number;
}

// The room and each proposal take messages in the same way; an outbox is opened on one of them.
type Thread = `/workshops/${string}/messages`;

/**
 * Messages on their way. Each is kept on the device until the server has answered, and is sent
 * again under the same key, so that it arrives once. Open one per thread (user and path).
 */
export class Outbox {
  list = $state<Unsent[]>([]);
  readonly #store: string;
  #busy = new Set<string>();

  constructor(
    user: string,
    readonly path: string,
  ) {
    this.#store = `atelier-unsent:${user}:${path}`;
    try {
      this.list = JSON.parse(localStorage.getItem(this.#store) ?? '[]') as Unsent[];
    } catch {
      this.list = [];
    }
  }

  async send(
    body: string,
    field?: string,
    after?: number,
    explained?: Unsent['explained'],
  ): Promise<boolean> {
    const { path } = this;
    const unsent: Unsent = { key: newKey(), path, body, field, explained, problem: '', after };
    this.list.push(unsent);
    this.#keep();
    return this.again(unsent.key);
  }

  /** Sends what was left over by a lost connection or by an earlier visit. */
  resume() {
    for (const { key, problem } of untrack(() => this.list))
      if (!problem || problem === OFFLINE) void this.again(key);
  }

  async again(key: string): Promise<boolean> {
    const unsent = untrack(() => this.list).find((u) => u.key === key);
    if (!unsent || this.#busy.has(key)) return false;
    this.#busy.add(key);
    unsent.problem = '';
    try {
      const { path, body, field, explained } = unsent;
      const more = { ...(field ? { field } : {}), ...(explained ? { explained } : {}) };
      await post(path as Thread, { body, ...more }, key);
    } catch (cause) {
      unsent.problem = asProblem(cause).message;
      this.#keep();
      return false;
    } finally {
      this.#busy.delete(key);
    }
    this.drop(key);
    return true;
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
