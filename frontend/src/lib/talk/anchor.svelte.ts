import { asProblem } from '$lib/api/client';
import type { Event, Message } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';
import { afterEvent } from './messages';

/** What is said about a thing: read once, and kept up to date by the room's events. */
export class AnchorTalk {
  messages = $state.raw<Message[]>([]);
  problem = $state('');
  #heard: Event[] = [];

  constructor(
    readonly room: LiveRoom,
    readonly anchor: string,
    /** Where its messages are. */
    readonly path: string,
    readonly read: () => Promise<Message[]>,
  ) {}

  open(): () => void {
    const stop = this.room.onEvent(
      (event) => {
        this.#heard.push(event);
        this.messages = afterEvent(this.messages, event, this.anchor);
      },
      () => void this.load(),
    );
    void this.load();
    return stop;
  }

  async load() {
    this.#heard = [];
    try {
      const read = await this.read();
      // What came while it was read may be in it, or newer.
      this.messages = this.#heard.reduce(
        (list, event) => afterEvent(list, event, this.anchor),
        read,
      );
      this.problem = '';
    } catch (cause) {
      this.problem = asProblem(cause).message;
    }
  }
}
