import { asProblem, get, type Problem } from '$lib/api/client';
import type { Event, ProposalPage, RevisionContent } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';
import { against, applyToPage } from './reduce';

/**
 * A proposal's page as this tab sees it: fetched once, then kept up to date by the room's events.
 * Events that come while it is fetched wait for it, so none is lost between the two.
 */
export class LiveProposal {
  page = $state.raw<ProposalPage>();
  problem = $state.raw<Problem>();
  #waiting: Event[] = [];
  #loads = 0;
  #revisions = new Map<number, Promise<RevisionContent>>();

  constructor(
    readonly room: LiveRoom,
    readonly id: string,
  ) {}

  get path() {
    return `/workshops/${this.room.state.workshop.id}/proposals/${this.id}` as const;
  }

  /** Follows the room until the function that it gives back is called. */
  open(): () => void {
    const stop = this.room.onEvent(
      (event) => this.take(event),
      () => void this.load(),
    );
    void this.load();
    return stop;
  }

  async load() {
    this.#loads++;
    try {
      const page = await get(this.path);
      const fresh = this.#waiting.reduce(applyToPage, page);
      if (!this.page || fresh.seq >= this.page.seq) this.page = fresh;
      this.problem = undefined;
    } catch (cause) {
      this.problem = asProblem(cause);
    } finally {
      if (--this.#loads === 0) this.#waiting = [];
    }
  }

  /** What a write here answered is shown at once; its event says the same. */
  changed(proposal: ProposalPage['proposal']) {
    if (!this.page) return;
    const content = proposal.content ?? this.page.proposal.content;
    this.page = { ...this.page, proposal: { ...proposal, content } };
  }

  take(event: Event) {
    if (this.page) this.page = applyToPage(this.page, event);
    if (this.#loads > 0) this.#waiting.push(event);
  }

  /** One revision, against its base or against an older revision. */
  async revision(number: number, base = 0): Promise<RevisionContent> {
    const newer = await this.#revision(number);
    return base ? against(newer, await this.#revision(base)) : newer;
  }

  // A revision never changes, so it is read once; a failed attempt is not kept.
  #revision(number: number): Promise<RevisionContent> {
    const latest = this.page?.proposal;
    if (latest?.content?.number === number) return Promise.resolve(latest.content);
    let read = this.#revisions.get(number);
    if (!read) {
      read = get(`${this.path}/revisions/${String(number)}`);
      read.catch(() => this.#revisions.delete(number));
      this.#revisions.set(number, read);
    }
    return read;
  }
}
