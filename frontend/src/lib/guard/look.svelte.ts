import { asProblem, post } from '$lib/api/client';
import type { Check, Shared } from '$lib/api/types';

/** How long a pause in typing is, before a text is looked at. */
export const PAUSE = 300;

/** A message or a note that is being written, looked at for what must not be shared. */
export class Look {
  checks = $state.raw<Check[]>([]);
  /** Why something may stand, by the keys of what is found. */
  explained = $state.raw<Record<string, string>>({});
  #text = '';
  /** The text that was looked at last. */
  #seen: string | undefined = '';
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly workshop: string) {}

  /** To be called after each change of the text; it is looked at after a pause. */
  changed(text: string) {
    clearTimeout(this.#timer);
    this.#text = text;
    if (text.trim()) this.#timer = setTimeout(() => void this.#now(), PAUSE);
    else this.#empty();
  }

  #empty() {
    this.#asked++;
    this.#seen = this.#text;
    this.checks = [];
    this.explained = {};
  }

  async #now() {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const body = this.#text;
    try {
      const checks = await post(`/workshops/${this.workshop}/look`, {
        body,
        explained: this.explained,
      });
      if (asked !== this.#asked) return;
      this.#seen = body;
      this.checks = checks;
    } catch (cause) {
      // The server looks again at what is sent; then its refusal is told.
      if (asked === this.#asked && asProblem(cause).status !== 0) this.checks = [];
    }
  }

  get open(): Shared[] {
    return this.checks.flatMap((one) => (one.level === 'error' && one.shared ? one.shared : []));
  }

  /** May the text be sent, as far as anybody can say now? */
  async passes(text: string): Promise<boolean> {
    this.#text = text;
    if (this.#seen !== text) await this.#now();
    return this.#seen !== text || !this.checks.some((one) => one.level === 'error');
  }

  /** Keeps why something may stand; an empty reason takes it back. */
  explain({ key }: Shared, reason: string) {
    const { [key]: _, ...others } = this.explained;
    this.explained = reason ? { ...others, [key]: reason } : others;
    this.#seen = undefined;
    return this.#now();
  }

  /** What is to be sent with the text. */
  get reasons(): Record<string, string> | undefined {
    return Object.keys(this.explained).length ? this.explained : undefined;
  }
}
