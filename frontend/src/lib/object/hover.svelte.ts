import { get } from '$lib/api/client';
import type { Card } from '$lib/api/types';
import { linked } from './address';

/** How long the pointer rests on a link before its card opens, and how long the way onto it takes. */
const REST = 250;

/**
 * The card of the object that a link within an element leads to: it opens where the pointer rests
 * or the focus is, stays while the pointer is on it, and goes with Escape (WCAG 1.4.13). Each
 * object is fetched once.
 */
export class HoverCard {
  card = $state.raw<Card>();
  link = $state.raw<Element>(); // of HTML, or of a drawing
  #cards: Record<string, Promise<Card | undefined>> = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly tail: () => string,
    readonly self: () => string,
  ) {}

  /** What the pointer or the focus came to. */
  over(target: EventTarget | null, soon: boolean) {
    const link = target instanceof Element ? target.closest('a') : null;
    const to = link && linked(link.getAttribute('href') ?? '', this.tail());
    if (!link || !to) return;
    // Links within texts know neither workshop nor time; all others lead where they mean to.
    if (link.closest('.prose')) link.setAttribute('href', to.href);
    if (link === this.link) return this.stay();
    if (to.id === this.self()) return;
    this.stay();
    this.#timer = setTimeout(() => this.#open(link, to.id), soon ? 0 : REST);
  }

  /** It was left, maybe for its card. */
  leave() {
    this.stay();
    this.#timer = setTimeout(() => this.close(), REST);
  }

  stay() {
    clearTimeout(this.#timer);
  }

  close() {
    this.stay();
    this.link?.removeAttribute('aria-describedby');
    this.card = this.link = undefined;
  }

  async #open(link: Element, id: string) {
    this.close();
    this.link = link;
    const at = Number(new URLSearchParams(this.tail()).get('at') ?? 0) || undefined;
    const key = `${id} ${at ?? ''}`;
    this.#cards[key] ??= get(`/objects/${encodeURIComponent(id)}/card`, { at }).catch(
      () => undefined, // a card that does not come is no loss: the link is there
    );
    const card = await this.#cards[key];
    if (this.link !== link || !card) return;
    link.setAttribute('aria-describedby', 'hover-card');
    this.card = card;
  }
}
