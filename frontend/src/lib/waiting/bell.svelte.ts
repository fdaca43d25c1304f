import { get, post } from '$lib/api/client';
import type { Notice } from '$lib/api/types';
import { live } from '$lib/live/socket.svelte';

/** How long somebody looks at a page before what it shows is read. */
const LONG_ENOUGH = 700;

/** What of the pages is the whole of what a notice is about: not a message among others. */
export const isPage = ({ href }: Notice, pathname: string): boolean => href === pathname;

/** What this person is told and has not read, on any of their devices; the bell in the header counts it. */
export class Bell {
  unread = $state(0);
  /** The latest of it. */
  items = $state.raw<Notice[]>([]);
  #listeners = new Set<() => void>();
  #loading: Promise<void> | undefined;
  #again = false;

  /** Keeps it up to date until it is taken down. */
  hang(): () => void {
    const down = live.hear((about) => {
      if (about && about !== 'waiting') return;
      void this.load();
      for (const heard of this.#listeners) heard();
    });
    return () => {
      down();
      this.unread = 0;
      this.items = [];
    };
  }

  /** Hears that something changed, or may have. */
  onChange(heard: () => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  /** Reads it anew; what is told meanwhile is read once more. Without a connection it is as it was. */
  load(): Promise<void> {
    this.#again = this.#loading !== undefined;
    this.#loading ??= this.#read().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #read() {
    do {
      this.#again = false;
      try {
        const { unread, items } = await get('/me/waiting', { unread: true });
        this.unread = unread;
        this.items = items;
      } catch {
        // It is tried again when the connection is back.
      }
    } while (this.#again);
  }

  /** Says that notices were read, or all; gives those that were not before. */
  async read(ids?: number[]): Promise<number[]> {
    const changed = await post('/me/waiting', ids ? { ids } : {});
    void this.load();
    return changed.ids;
  }

  /** Takes back that notices were read. */
  async unreadAgain(ids: number[]) {
    await post('/me/waiting', { ids, read: false });
    void this.load();
  }

  /** Somebody is at this page: what it is the whole of is read, once they have looked a while. */
  look(pathname: string): (() => void) | undefined {
    const seen = this.items.filter((one) => isPage(one, pathname)).map((one) => one.id);
    if (seen.length === 0) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState !== 'visible') return;
      // What could not be said is said when the page is opened again.
      timer = setTimeout(() => void this.read(seen).catch(() => undefined), LONG_ENOUGH);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }
}

export const bell = new Bell();
