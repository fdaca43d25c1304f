import { asProblem, get } from '$lib/api/client';
import type { Hit } from '$lib/api/types';
import { byName } from '$lib/search/words';
import { namedBy, type Named, type Names } from './objects.svelte';

/** Finds objects of some types while a person types; a combobox shows it. */
export class Lookup {
  query = $state('');
  hits = $state.raw<Hit[]>([]);
  /** What open proposals and drafts of mine would add, and fits. */
  proposed = $state.raw<Named[]>([]);
  /** All that is shown. */
  all = $derived([...this.hits.map(namedBy), ...this.proposed]);
  said = $state('');
  at = $state(0);
  open = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(
    readonly types: string[],
    readonly names: Names,
    readonly fits: (one: Named) => boolean = () => true,
  ) {}

  typed() {
    clearTimeout(this.#timer);
    this.#asked++;
    this.open = this.query.trim().length > 1;
    if (this.open) this.#timer = setTimeout(() => void this.#find(this.#asked), 150);
    else this.close();
  }

  async #find(asked: number) {
    const q = this.query.trim();
    try {
      const type = this.types.length ? this.types : undefined;
      const [{ hits }] = await Promise.all([
        get('/search', { q, type, limit: 20 }),
        this.names.look(),
      ]);
      if (asked !== this.#asked) return;
      this.hits = nearest(hits.filter((hit) => this.fits(namedBy(hit)))).slice(0, 12);
      this.proposed = this.names.proposed(this.types, q).filter(this.fits).slice(0, 6);
      this.at = 0;
      this.said = this.all.length
        ? `${this.all.length} found`
        : `Nothing found for “${q}”. Try an id, or fewer words.`;
    } catch (cause) {
      if (asked === this.#asked) this.said = asProblem(cause).message;
    }
  }

  move(step: number) {
    const { length } = this.all;
    if (length) this.at = (this.at + step + length) % length;
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked++;
    this.open = false;
    this.hits = [];
    this.proposed = [];
    this.said = '';
  }
}

// Who types a name or an id does not look for objects whose texts mention it.
function nearest(hits: Hit[]): Hit[] {
  const named = hits.filter(byName);
  return named.length ? named : hits;
}
