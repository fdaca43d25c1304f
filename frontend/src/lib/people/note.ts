type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A note about a person that never leaves this device. */
export class Note {
  private readonly key: string;

  constructor(
    me: string,
    workshop: string,
    about: string,
    private readonly store: Store = localStorage,
  ) {
    this.key = `atelier.note.${me}.${workshop}.${about}`;
  }

  read(): string {
    try {
      return this.store.getItem(this.key) ?? '';
    } catch {
      return '';
    }
  }

  /** Says whether the device took it; it may be full, or private. */
  write(text: string): boolean {
    try {
      if (text) this.store.setItem(this.key, text);
      else this.store.removeItem(this.key);
      return true;
    } catch {
      return false;
    }
  }
}
