import { navigating, page } from '$app/state';

/** How the document itself was opened: one that comes back has a place to go back to. */
const comesBack = () =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => (entry as PerformanceNavigationTiming).type !== 'navigate');

/**
 * The parts of a long page are made in turns, each in a task of its own, so that the browser draws
 * and answers in between. All are made at once where the page must be as long as it will be: for a
 * link to a place further down, and for whoever comes back to one.
 */
export class Turns {
  #made = $state(0);
  #atOnce =
    page.url.hash !== '' ||
    navigating.type === 'popstate' ||
    (navigating.type === null && comesBack());

  /** Belongs to the component that makes it, which has so many parts. */
  constructor(parts: () => number) {
    if (this.#atOnce) return;
    $effect(() => {
      if (this.#made >= parts()) return;
      const next = setTimeout(() => this.#made++);
      return () => clearTimeout(next);
    });
  }

  /** Is it the turn of this part, counted from 0, or has it been? */
  reached(part: number): boolean {
    return this.#atOnce || part < this.#made;
  }
}
