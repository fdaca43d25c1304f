import { asProblem } from '$lib/api/client';

export interface Toast {
  id: number;
  tone: 'good' | 'bad';
  text: string;
  /** Where one can go from it. */
  href?: string;
}

/** Short messages at the edge of the page; bad ones and those that lead on stay until they are closed. */
class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  good(text: string) {
    const id = this.#add({ tone: 'good', text });
    setTimeout(() => this.close(id), 5000);
  }

  /** Gives back how to close it. */
  lead(text: string, href: string): () => void {
    const id = this.#add({ tone: 'good', text, href });
    return () => this.close(id);
  }

  bad(cause: unknown) {
    this.#add({ tone: 'bad', text: typeof cause === 'string' ? cause : asProblem(cause).message });
  }

  close(id: number) {
    this.list = this.list.filter((t) => t.id !== id);
  }

  #add(toast: Omit<Toast, 'id'>): number {
    const id = this.#next++;
    this.list = [...this.list.filter((t) => t.text !== toast.text), { id, ...toast }].slice(-4);
    return id;
  }
}

export const toasts = new Toasts();
