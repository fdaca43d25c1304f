import { asProblem, get, post } from '$lib/api/client';
import type { Invitation } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';

/** The join code of a workshop, as it is now: another facilitator may renew it meanwhile. */
export class JoinCode {
  #read = $state.raw<Invitation>();
  problem = $state('');
  readonly url = $derived(this.#read ? new URL(this.#read.url, location.href).href : '');

  constructor(private readonly room: LiveRoom) {
    $effect(() => {
      const again = () => void this.#keep(get(`/workshops/${room.state.workshop.id}/invitation`));
      again();
      return room.onEvent((event) => event.kind === 'invitation.renewed' && again(), again);
    });
  }

  get code(): string {
    return this.#read?.code ?? '';
  }

  renew() {
    return this.#keep(post(`/workshops/${this.room.state.workshop.id}/invitation/renew`));
  }

  async #keep(answer: Promise<Invitation>) {
    try {
      this.#read = await answer;
      this.problem = '';
    } catch (cause) {
      this.problem = asProblem(cause).message;
    }
  }
}
