import { asProblem, get, put, type Problem } from '$lib/api/client';
import type { Contact, Directory, MemberCard } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';
import { toasts } from '$lib/toasts.svelte';

/** How long changes of others are gathered before the directory is read again. */
const GATHER = 1000;

/** A workshop's directory as this person sees it, read again when somebody's card changed. */
export class LiveDirectory {
  state = $state.raw<Directory>();
  problem = $state.raw<Problem>();
  busy = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly room: LiveRoom) {}

  get path() {
    return `/workshops/${this.room.state.workshop.id}/people` as const;
  }

  open(): () => void {
    const again = () => void this.load();
    const stops = [
      this.room.onEvent((event) => {
        if (event.kind !== 'card.changed' || this.#timer) return;
        this.#timer = setTimeout(again, GATHER);
      }, again),
      this.room.onTold((about) => {
        if (!about || about === 'people') again();
      }),
    ];
    again();
    return () => {
      clearTimeout(this.#timer);
      for (const stop of stops) stop();
    };
  }

  async load() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.state = await get(this.path);
      this.problem = undefined;
    } catch (cause) {
      this.problem = asProblem(cause);
    }
  }

  /** Keeps my card; gives what went wrong. */
  async save(card: MemberCard, contact: Contact): Promise<Problem | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    try {
      await put(`${this.path}/me`, { card, contact });
      await this.load();
      return undefined;
    } catch (cause) {
      return asProblem(cause);
    } finally {
      this.busy = false;
    }
  }

  async wish(user: string, wanted: boolean) {
    this.busy = true;
    try {
      await put(`${this.path}/${user}/contact`, { wanted });
      await this.load();
    } catch (cause) {
      toasts.bad(cause);
    } finally {
      this.busy = false;
    }
  }
}
