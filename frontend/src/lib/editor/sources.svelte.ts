import { asProblem, get } from '$lib/api/client';
import type { Reference } from '$lib/api/types';

/** Is a text rather an address or a DOI than words of a name? */
export const isAddress = (text: string): boolean =>
  /^(https?:\/\/\S+|www\.\S+\.\S+|(doi:?\s*)?10\.\d{4,9}\/\S+)$/i.test(text.trim());

/** Finds references while a person types a name, or makes one of an address or a DOI. */
export class SourceLookup {
  query = $state('');
  hits = $state.raw<Reference[]>([]);
  said = $state('');
  wrong = $state(false);
  at = $state(0);
  busy = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  typed() {
    this.close();
    const text = this.query.trim();
    if (text.length < 2 || isAddress(text)) return;
    this.#timer = setTimeout(() => void this.#find(text, this.#asked), 150);
  }

  async #find(q: string, asked: number) {
    try {
      const hits = await get('/sources', { q, limit: 8 });
      if (asked !== this.#asked) return;
      this.hits = hits;
      this.said = hits.length
        ? `${hits.length} found`
        : `ATT&CK has no reference like “${q}”. Paste its address, or add it by hand.`;
    } catch (cause) {
      if (asked === this.#asked) this.#failed(cause);
    }
  }

  /** The reference to what was typed or pasted; nothing where it is neither address nor DOI. */
  async made(): Promise<{ reference: Reference; known: boolean } | undefined> {
    this.close();
    this.busy = true;
    try {
      return await get('/reference', { address: this.query.trim() });
    } catch (cause) {
      this.#failed(cause);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  #failed(cause: unknown) {
    this.wrong = true;
    this.said = asProblem(cause).message;
  }

  move(step: number) {
    const { length } = this.hits;
    if (length) this.at = (this.at + step + length) % length;
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked++;
    this.hits = [];
    this.at = 0;
    this.said = '';
    this.wrong = false;
  }
}
