import type { Proposal } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';
import { follow, nextWaiting, queueOf, type Row } from './queue';

/** The queue of an open page: rows keep their places, one of them is selected. */
export class Waiting {
  rows = $state.raw<Row[]>([]);
  selected = $state('');

  constructor(readonly room: LiveRoom) {
    this.fresh();
  }

  get current(): Proposal | undefined {
    return this.rows.find((row) => row.proposal.id === this.selected)?.proposal;
  }

  get waiting(): number {
    return this.rows.filter((row) => row.mine && !row.gone).length;
  }

  get gone(): number {
    return this.rows.filter((row) => row.gone).length;
  }

  /** Sorts anew and leaves out what is done. */
  fresh() {
    this.rows = queueOf(this.room.workflow, this.room.state.proposals, this.room.actor);
    if (!this.current) this.selected = this.rows[0]?.proposal.id ?? '';
  }

  /** Takes over what changed in the room. */
  follow() {
    const { room } = this;
    const name = (id: string) => (id === room.userId ? 'You' : room.user(id).name);
    this.rows = follow(this.rows, room.workflow, room.state.proposals, room.actor, name);
    if (!this.current) this.selected = this.rows[0]?.proposal.id ?? '';
  }

  move(step: 1 | -1) {
    const at = this.rows.findIndex((row) => row.proposal.id === this.selected);
    const next = this.rows[at + step];
    if (next) this.selected = next.proposal.id;
  }

  /** Goes on after a verdict of mine. */
  done(id: string) {
    this.selected = nextWaiting(this.rows, id) || id;
  }
}
