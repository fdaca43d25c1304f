import { navigating, page } from '$app/state';
import { flushSync } from 'svelte';
import { on } from 'svelte/events';

/** How the document itself was opened: one that comes back has a place to go back to. */
const comesBack = () =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => (entry as PerformanceNavigationTiming).type !== 'navigate');

const leadsWithin = (target: EventTarget | null) =>
  target instanceof Element && target.closest('a[href^="#"]') !== null;

/**
 * The parts of a long page are made in turns, each in a task of its own, so that the browser draws
 * and answers in between. All are made at once where the page must be as long as it will be: for a
 * link to a place further down, also one of the page itself, for whoever comes back to one, for keys
 * (the last cell is the last of all), and on paper.
 */
export class Turns {
  #made = $state(0);
  #atOnce = $state(
    page.url.hash !== '' ||
      navigating.type === 'popstate' ||
      (navigating.type === null && comesBack()),
  );

  /** Belongs to the component that makes it, which has so many parts. */
  constructor(parts: () => number) {
    if (this.#atOnce) return;
    $effect(() => {
      if (this.#atOnce || this.#made >= parts()) return;
      const next = setTimeout(() => this.#made++);
      // Before the browser looks for the place: else what comes before it would push it away.
      const rest = () => flushSync(() => (this.#atOnce = true));
      const first = { capture: true };
      const offs = [
        on(document, 'click', (e) => leadsWithin(e.target) && rest(), first),
        on(document, 'keydown', rest, first),
        on(window, 'beforeprint', rest),
      ];
      return () => {
        clearTimeout(next);
        for (const off of offs) off();
      };
    });
  }

  /** Is it the turn of this part, counted from 0, or has it been? */
  reached(part: number): boolean {
    return this.#atOnce || part < this.#made;
  }
}
