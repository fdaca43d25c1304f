import { asProblem, post } from '$lib/api/client';
import type { Reference } from '$lib/api/types';

/** A text as it will read: the server renders it, as everywhere. */
export class Preview {
  html = $state('');
  problem = $state('');
  busy = $state(false);
  #asked = 0;

  async show(text: string, references: Reference[]) {
    const asked = ++this.#asked;
    this.busy = true;
    try {
      const { html } = await post('/preview', { text, references });
      if (asked !== this.#asked) return;
      this.html = html;
      this.problem = '';
    } catch (cause) {
      if (asked === this.#asked) this.problem = asProblem(cause).message;
    }
    if (asked === this.#asked) this.busy = false;
  }
}
