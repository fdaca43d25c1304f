import { asProblem } from '$lib/api/client';

export interface Toast {
  id: number;
  tone: 'good' | 'bad';
  text: string;
}

/** Short messages at the edge of the page; bad ones stay until they are closed. */
class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  good(text: string) {
    const id = this.#add('good', text);
    setTimeout(() => this.close(id), 5000);
  }

  bad(cause: unknown) {
    this.#add('bad', typeof cause === 'string' ? cause : asProblem(cause).message);
  }

  close(id: number) {
    this.list = this.list.filter((t) => t.id !== id);
  }

  #add(tone: Toast['tone'], text: string): number {
    const id = this.#next++;
    this.list = [...this.list.filter((t) => t.text !== text), { id, tone, text }].slice(-4);
    return id;
  }
}

export const toasts = new Toasts();
