import { goto } from '$app/navigation';
import { page } from '$app/state';
import type { Desk } from '$lib/api/types';
import { place } from '$lib/room/feed';

type Spotlight = NonNullable<Desk['spotlight']>;

const PAGES_OF_THEIR_OWN = /\/(desk|wall|settings)$/;
const EDITORS = /\/(edit|propose)(\/|$)/;

/** Is somebody writing here? They are not led away, whatever is shown. */
export function writes(path: string, focused: Element | null): boolean {
  if (EDITORS.test(path)) return true;
  if (focused instanceof HTMLElement && focused.isContentEditable) return true;
  if (focused instanceof HTMLTextAreaElement || focused instanceof HTMLInputElement)
    return focused.value.trim() !== '';
  return !!focused?.closest('dialog[open]');
}

/** Follows the spotlight of a workshop, until I leave it; back again takes one click. */
export class Follow {
  following = $state(true);
  /** Where I was before I was led to what is shown. */
  #from = '';
  #seen = '';
  readonly #store: string;

  constructor(readonly workshop: string) {
    this.#store = `atelier-follow:${workshop}`;
    this.following = localStorage.getItem(this.#store) !== 'no';
  }

  address(spotlight: Spotlight): string {
    return place(spotlight.on, this.workshop);
  }

  at(spotlight: Spotlight): boolean {
    return page.url.pathname === this.address(spotlight).split('?')[0];
  }

  /** Hears what is shown now; what I have been led to once does not lead me there again. */
  hear(spotlight: Spotlight | null) {
    if (!spotlight || spotlight.at === this.#seen) return;
    this.#seen = spotlight.at;
    const path = page.url.pathname;
    if (!this.following || this.at(spotlight) || PAGES_OF_THEIR_OWN.test(path)) return;
    if (writes(path, document.activeElement)) return;
    void this.go(spotlight);
  }

  async go(spotlight: Spotlight) {
    this.#follow(true);
    if (this.at(spotlight)) return;
    this.#from = page.url.pathname + page.url.search + page.url.hash;
    await goto(this.address(spotlight));
  }

  /** Stays away from what is shown, and goes back to where I was. */
  async leave(spotlight: Spotlight) {
    this.#follow(false);
    if (this.at(spotlight)) await goto(this.#from || `/w/${this.workshop}`);
  }

  #follow(yes: boolean) {
    this.following = yes;
    if (yes) localStorage.removeItem(this.#store);
    else localStorage.setItem(this.#store, 'no');
  }
}
