import type { Alike, Check, Findings } from '$lib/api/types';

/** How long a pause in typing is, before the server is asked what it finds, in milliseconds. */
export const LOOK = 150;

/**
 * What is found in a draft, as it is typed. One question is asked at a time, about the text as it
 * is then, and no answer about an older text takes the place of one about a newer.
 */
export class Watch {
  checks = $state.raw() as Check[];
  similar = $state.raw() as Alike[];
  /** Is what was found about the text as it is? */
  fresh = $state(true);
  /** Counts the changes of the text. */
  turn = 0;
  /** The turn at which the text was as it was looked at. */
  #of = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    first: Findings,
    /** Asks about the text as it is; nothing: what is saved is looked at, and no more. */
    readonly look?: () => Promise<Findings>,
  ) {
    this.checks = first.checks;
    this.similar = first.similar;
  }

  /** The text was changed. */
  changed() {
    this.turn++;
    this.fresh = false;
    if (!this.look || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), LOOK);
  }

  /** Takes what was found in the text as it was at a turn. */
  take({ checks, similar }: Findings, turn = this.turn) {
    if (turn < this.#of) return;
    this.#of = turn;
    this.checks = checks;
    this.similar = similar;
    this.fresh = turn === this.turn;
  }

  /** Looks at the text as it is, if that was not done yet. */
  now(): Promise<void> {
    this.#rest();
    this.#running ??= this.#ask().finally(() => (this.#running = undefined));
    return this.#running;
  }

  // Who types on meanwhile is waited for: their pause asks again.
  async #ask() {
    while (!this.fresh && this.look && !this.#timer && !this.#closed) {
      const { turn } = this;
      try {
        this.take(await this.look(), turn);
      } catch {
        return; // The save tells what is wrong, and what was found.
      }
    }
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  close() {
    this.#closed = true;
    this.#rest();
  }
}
