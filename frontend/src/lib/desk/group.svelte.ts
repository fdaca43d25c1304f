import { asProblem, get } from '$lib/api/client';
import type { Event, Message } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';

/** The messages after an event: what is said about an anchor, each once and in order. */
export function withMessage(list: Message[], { data }: Pick<Event, 'data'>, anchor: string) {
  const { message } = data;
  if (message?.anchor !== anchor) return list;
  return [...list.filter((one) => one.id !== message.id), message].sort((a, b) => a.seq - b.seq);
}

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
        this.messages = withMessage(this.messages, event, `group:${this.group}`);
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
        (list, event) => withMessage(list, event, `group:${this.group}`),
        read,
      );
      this.problem = '';
    } catch (cause) {
      this.problem = asProblem(cause).message;
    }
  }
}
