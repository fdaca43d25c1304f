import { get } from '$lib/api/client';
import type { LiveRoom } from '$lib/live/room.svelte';
import { byName } from '$lib/search/words';
import { asked, fits, handleOf } from './refer';

export interface Option {
  /** What is written. */
  text: string;
  label: string;
  detail: string;
}

const MOST = 6;
/** How long a pause in typing is, before the server is asked. */
const PAUSE = 150;

/** Offers people, proposals and objects while somebody writes their names, numbers or ids in a text area. */
export class Completion {
  options = $state.raw<Option[]>([]);
  active = $state(0);
  #from = 0;
  #asked = 0;

  constructor(readonly room: LiveRoom) {}

  /** To be called when the text or the place in it changed. */
  async look(area: HTMLTextAreaElement) {
    const turn = ++this.#asked;
    const want =
      area.selectionStart === area.selectionEnd
        ? asked(area.value.slice(0, area.selectionStart))
        : undefined;
    if (!want) return this.close();
    this.#from = want.from;
    if (want.kind === 'person') return this.#show(this.#people(want.query));
    if (want.kind === 'proposal') return this.#show(this.#proposals(want.query));
    await new Promise((done) => setTimeout(done, PAUSE));
    if (turn !== this.#asked) return;
    const found = await this.#objects(want.query).catch(() => []); // without a connection people write on
    if (turn === this.#asked) this.#show(found);
  }

  #show(options: Option[]) {
    this.options = options.slice(0, MOST);
    this.active = 0;
  }

  close() {
    this.#asked++;
    this.options = [];
  }

  #people(query: string): Option[] {
    const all = this.room.people.map(({ user }) => user);
    return all
      .filter((user) => user.id !== this.room.userId && fits(user.name, query))
      .map((user) => {
        const text = `@${handleOf(user, all)} `;
        return { text, label: user.name, detail: user.organisation };
      });
  }

  #proposals(query: string): Option[] {
    return this.room.state.proposals
      .filter((one) => String(one.number).startsWith(query) || fits(one.title, query))
      .map(({ number, title }) => ({ text: `#${number} `, label: `#${number}`, detail: title }));
  }

  async #objects(query: string): Promise<Option[]> {
    const { hits } = await get('/search', { q: query, limit: 3 * MOST });
    return hits
      .filter((hit) => hit.attack_id.startsWith(query) && byName(hit))
      .map((hit) => ({ text: `${hit.attack_id} `, label: hit.attack_id, detail: hit.name }));
  }

  /** The text with an option in place of what was typed, and where to write on. */
  taken({ text }: Option, area: HTMLTextAreaElement): { text: string; at: number } {
    const rest = area.value.slice(area.selectionEnd);
    const written = rest.startsWith(' ') ? text.trimEnd() : text;
    this.close();
    const before = area.value.slice(0, this.#from) + written;
    return { text: before + rest, at: before.length };
  }

  /** Moves or takes with the keyboard; says whether the key was for it. */
  key(event: KeyboardEvent, take: (option: Option) => void): boolean {
    const { options, active } = this;
    const one = options[active];
    if (!one || event.ctrlKey || event.metaKey || event.isComposing) return false;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: options.length - 1 };
    const step = steps[event.key];
    if (step) this.active = (active + step) % options.length;
    else if (event.key === 'Escape') this.close();
    else if (event.key === 'Enter' || event.key === 'Tab') take(one);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
