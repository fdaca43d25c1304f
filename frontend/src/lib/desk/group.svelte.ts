import { asProblem, get } from '$lib/api/client';
import type { Event, Message } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';
import { afterEvent } from '$lib/talk/messages';

/** What a breakout group says: read once, and kept up to date by the room's events. */
export class GroupTalk {
  messages = $state.raw<Message[]>([]);
  problem = $state('');
  #heard: Event[] = [];

  constructor(
    readonly room: LiveRoom,
    readonly group: string,
  ) {}

  get path() {
    return `/workshops/${this.room.state.workshop.id}/groups/${this.group}/messages` as const;
  }

  open(): () => void {
    const stop = this.room.onEvent(
      (event) => {
        this.#heard.push(event);
        this.messages = afterEvent(this.messages, event, `group:${this.group}`);
      },
      () => void this.load(),
    );
    void this.load();
    return stop;
  }

  async load() {
    this.#heard = [];
    try {
      const read = await get(this.path);
      // What came while it was read may be in it, or newer.
      this.messages = this.#heard.reduce(
        (list, event) => afterEvent(list, event, `group:${this.group}`),
        read,
      );
      this.problem = '';
    } catch (cause) {
      this.problem = asProblem(cause).message;
    }
  }
}
