import { get } from '$lib/api/client';
import type { LiveRoom } from '$lib/live/room.svelte';
import { leadsTo, type Asked, type Found } from './found';

/** How long the pointer rests on a link before its card opens, and how long the way onto it takes. */
const REST = 250;

/**
 * The card of what a link within an element leads to: it opens where the pointer rests or the
 * focus is, stays while the pointer is on it, and goes with Escape (WCAG 1.4.13). What is not here
 * already is fetched when it is asked for, once.
 */
export class HoverCard {
  found = $state.raw<Found>();
  link = $state.raw<Element>(); // of HTML, or of a drawing
  #asked = new Map<string, Promise<Found | undefined>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly tail: () => string,
    readonly self: () => string,
    readonly room: () => LiveRoom | undefined,
  ) {}

  /** What the pointer or the focus came to. */
  over(target: EventTarget | null, soon: boolean) {
    const link = target instanceof Element ? target.closest('a') : null;
    const to = link && leadsTo(link.getAttribute('href') ?? '', this.tail());
    if (!link || !to) return;
    // Links within texts know neither workshop nor time; all others lead where they mean to.
    if (link.closest('.prose')) link.setAttribute('href', to.href);
    if (link === this.link) return this.stay();
    if (to.id === this.self()) return;
    this.stay();
    this.#timer = setTimeout(() => void this.#open(link, to), soon ? 0 : REST);
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
    this.found = this.link = undefined;
  }

  /** What people show of themselves may have changed. */
  forget() {
    for (const key of this.#asked.keys()) if (key.startsWith('person ')) this.#asked.delete(key);
  }

  async #open(link: Element, to: Asked) {
    this.close();
    this.link = link;
    const found = await this.#find(to);
    if (this.link !== link || !found) return;
    link.setAttribute('aria-describedby', 'hover-card');
    this.found = found;
  }

  #find(to: Asked): Promise<Found | undefined> {
    if (to.kind === 'proposal') {
      const proposal = this.room()?.state.proposals.find((one) => one.id === to.id);
      return Promise.resolve(proposal && { kind: 'proposal', proposal });
    }
    const at = Number(new URLSearchParams(this.tail()).get('at') ?? 0) || undefined;
    const key = `${to.kind} ${to.id} ${at ?? ''}`;
    const known = this.#asked.get(key);
    if (known) return known;
    const asked = this.#fetch(to, at).catch(() => {
      this.#asked.delete(key); // a card that does not come is no loss: the link is there
      return undefined;
    });
    this.#asked.set(key, asked);
    return asked;
  }

  async #fetch(to: Asked, at?: number): Promise<Found | undefined> {
    if (to.kind === 'object')
      return {
        kind: 'object',
        card: await get(`/objects/${encodeURIComponent(to.id)}/card`, { at }),
      };
    const room = this.room();
    const member = room?.people.find((one) => one.user.id === to.id);
    if (!room || !member) return undefined; // who was removed shows nothing any more
    const path = `/workshops/${room.state.workshop.id}/people/${to.id}/card` as const;
    return { kind: 'person', member, card: await get(path) };
  }
}
