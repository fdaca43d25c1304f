import { SvelteSet } from 'svelte/reactivity';

/** As many as one proposal may be about. */
export const MOST = 200;

/** The techniques that somebody selected in the matrix, by their ids; the link keeps them. */
export class Picks {
  #ids: SvelteSet<string>;
  #last = '';

  constructor(
    text: string,
    readonly changed: (text: string) => void = () => undefined,
  ) {
    this.#ids = new SvelteSet(text.split(',').filter((id) => id));
  }

  get size() {
    return this.#ids.size;
  }

  get full() {
    return this.size > MOST;
  }

  get text() {
    return [...this.#ids].join(',');
  }

  has = (id: string) => this.#ids.has(id);

  /** Selects one, or takes it out again. */
  toggle(id: string) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#last = id;
    this.changed(this.text);
  }

  /** Selects all between the last one and this one, in an order; the first time, only this one. */
  through(id: string, order: readonly string[]) {
    const [a, b] = [order.indexOf(this.#last), order.indexOf(id)];
    if (a < 0 || b < 0) return this.toggle(id);
    this.add(order.slice(Math.min(a, b), Math.max(a, b) + 1));
    this.#last = id;
  }

  add(ids: readonly string[]) {
    for (const id of ids) this.#ids.add(id);
    this.changed(this.text);
  }

  clear() {
    this.#ids.clear();
    this.#last = '';
    this.changed('');
  }
}
