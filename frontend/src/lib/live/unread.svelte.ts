import { get, put } from '$lib/api/client';
import type { Event, Unread } from '$lib/api/types';

/** How long marks are gathered before they are sent. */
const GATHER = 400;

/**
 * What others said in a workshop and I have not read, on any of my devices: fetched once, then kept
 * by the room's events and by what my other devices tell.
 */
export class UnreadMessages {
  list = $state.raw<Unread[]>([]);
  #seq = 0;
  #heard: Event[] = [];
  #marks = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loading = false;

  constructor(
    readonly workshop: string,
    readonly user: string,
  ) {}

  get #path() {
    return `/workshops/${this.workshop}/unread` as const;
  }

  /** Fetches it (again); without a connection it is as it was. */
  async load() {
    if (this.#loading) return;
    this.#loading = true;
    try {
      const { seq, messages } = await get(this.#path);
      this.#seq = seq;
      this.list = messages.filter((one) => !this.#isMarked(one));
      for (const event of this.#heard.splice(0)) this.take(event);
    } catch {
      // It is tried again when the connection is back.
    } finally {
      this.#loading = false;
    }
    this.#send();
  }

  /** Applies an event of the room. */
  take(event: Event) {
    if (this.#loading) this.#heard.push(event);
    if (event.seq <= this.#seq) return;
    this.#seq = event.seq;
    const { message } = event.data;
    if (!message) return;
    if (message.deleted) this.list = this.list.filter((one) => one.message !== message.id);
    if (event.kind !== 'message.posted' || message.author === this.user || message.deleted) return;
    const { id, thread, anchor, seq } = message;
    const mentions = !!message.mentions?.includes(this.user);
    this.list = [...this.list, { message: id, thread, anchor, seq, mentions }];
  }

  /** Another device of mine says what it read, as read:thread:seq. */
  told(about: string) {
    const [, thread, seq] = /^read:([^:]+):(\d+)$/.exec(about) ?? [];
    if (thread) this.#drop(thread, Number(seq));
  }

  has(message: string): boolean {
    return this.list.some((one) => one.message === message);
  }

  about(anchor: string): number {
    return this.list.filter((one) => one.anchor === anchor).length;
  }

  /** I have read a thread up to a message. */
  read(thread: string, seq: number) {
    if (!this.#drop(thread, seq)) return;
    this.#marks.set(thread, Math.max(seq, this.#marks.get(thread) ?? 0));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), GATHER);
  }

  #drop(thread: string, seq: number): boolean {
    const left = this.list.filter((one) => one.thread !== thread || one.seq > seq);
    const some = left.length < this.list.length;
    if (some) this.list = left;
    return some;
  }

  #isMarked = ({ thread, seq }: Unread) => seq <= (this.#marks.get(thread) ?? 0);

  #send() {
    if (this.#marks.size === 0) return;
    const sent = [...this.#marks].slice(0, 200);
    const threads = sent.map(([thread, seq]) => ({ thread, seq }));
    put(this.#path, { threads }).then(
      () => {
        for (const [thread, seq] of sent)
          if (this.#marks.get(thread) === seq) this.#marks.delete(thread);
      },
      () => undefined, // kept until the connection is back
    );
  }
}
