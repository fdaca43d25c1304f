import type { Text } from './text';

/** What is kept of a draft on this device while the server may not have it. */
export interface Kept {
  /** The version of the draft that the text was written on. */
  version: number;
  text: Text;
  /** Versions of the texts that several people may write, as they were then. */
  texts?: Record<string, number>;
  /** What was sent last and not answered; the server may have it all the same. */
  sent?: Text;
}

/** One draft's place on this device. */
export class Keeper {
  constructor(
    readonly key: string,
    readonly store: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = localStorage,
  ) {}

  read(): Kept | undefined {
    try {
      return JSON.parse(this.store.getItem(this.key) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Says whether the device took it; it may be full, or private. */
  write(kept: Kept): boolean {
    try {
      this.store.setItem(this.key, JSON.stringify(kept));
      return true;
    } catch {
      return false;
    }
  }

  forget() {
    try {
      this.store.removeItem(this.key);
    } catch {
      // Nothing was kept, then.
    }
  }
}
