import { asProblem, get, patch, post, type Problem } from '$lib/api/client';
import type { Event, Release, ReleasePage } from '$lib/api/types';
import type { LiveRoom } from '$lib/live/room.svelte';
import { toasts } from '$lib/toasts.svelte';

export type Change = Partial<
  Pick<Release, 'name' | 'notes' | 'proposals' | 'resolutions' | 'explained'>
>;

/**
 * A release's page as this tab sees it. The server plans a release (ids, versions, conflicts), so
 * the page is read again when an event says that the plan can be another one; once for many events.
 */
export class LiveRelease {
  page = $state.raw<ReleasePage>();
  problem = $state.raw<Problem>();
  /** A write is on its way. */
  busy = $state(false);
  publishing = $state(false);
  #reading: Promise<void> | undefined;
  #again = false;

  constructor(
    readonly room: LiveRoom,
    readonly id: string,
  ) {}

  get path() {
    return `/workshops/${this.room.state.workshop.id}/releases/${this.id}` as const;
  }

  open(): () => void {
    const stop = this.room.onEvent(
      (event) => this.take(event),
      () => void this.load(),
    );
    void this.load();
    return stop;
  }

  take(event: Event) {
    const { release, proposal, proposals } = event.data;
    if (this.page && release?.id === this.id && release.revision >= this.page.release.revision)
      this.page = { ...this.page, release };
    if (release || proposal || proposals) void this.load();
  }

  /** Reads the page; a call while it is being read makes it be read once more afterwards. */
  load(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read() {
    do {
      this.#again = false;
      try {
        this.page = await get(this.path);
        this.problem = undefined;
      } catch (cause) {
        this.problem = asProblem(cause);
      }
    } while (this.#again);
  }

  /** Changes the release as it is shown; gives what went wrong. */
  async change(change: Change): Promise<Problem | undefined> {
    if (!this.page || this.busy) return undefined;
    this.busy = true;
    try {
      await patch(this.path, { revision: this.page.release.revision, ...change });
      return undefined;
    } catch (cause) {
      return asProblem(cause);
    } finally {
      await this.load();
      this.busy = false;
    }
  }

  /** Puts exactly these proposals on the release. */
  async put(proposals: string[]) {
    const problem = await this.change({ proposals });
    if (problem) toasts.bad(problem);
  }

  async solve(proposal: string, field: string, side: string) {
    const problem = await this.change({ resolutions: { [proposal]: { [field]: side } } });
    if (problem) toasts.bad(problem);
  }

  /** Says for an author of a proposal whether its words may give way in a conflict. */
  async agree(conflict: string, field: string, proposal: string, agreed: boolean) {
    if (!this.page || this.busy) return;
    this.busy = true;
    try {
      const { revision } = this.page.release;
      await post(`${this.path}/agree`, { revision, conflict, field, proposal, agreed });
    } catch (cause) {
      toasts.bad(asProblem(cause));
    } finally {
      await this.load();
      this.busy = false;
    }
  }

  async publish(): Promise<Problem | undefined> {
    if (!this.page || this.publishing) return undefined;
    this.publishing = true;
    try {
      await post(`${this.path}/publish`, { revision: this.page.release.revision });
      toasts.good(`${this.page.release.name} is published.`);
      return undefined;
    } catch (cause) {
      return asProblem(cause);
    } finally {
      await this.load();
      this.publishing = false;
    }
  }
}
