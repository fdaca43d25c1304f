/** A message that is being written, kept on the device, so that a reload loses nothing. */
export class Writing {
  text = $state('');
  readonly #store: string;

  constructor(user: string, path: string, field = '') {
    this.#store = `atelier-writing:${user}:${path}#${field}`;
    this.text = localStorage.getItem(this.#store) ?? '';
  }

  keep() {
    if (this.text.trim()) localStorage.setItem(this.#store, this.text);
    else localStorage.removeItem(this.#store);
  }

  /** Gives the message away to be sent; empty when there is none. */
  take(): string {
    const body = this.text.trim();
    this.text = '';
    this.keep();
    return body;
  }
}
