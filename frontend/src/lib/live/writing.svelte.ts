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

  /** Gives away what is to be sent; what was written behind it since then stays. */
  take(body = this.text): string {
    this.text = this.text.startsWith(body) ? this.text.slice(body.length).trimStart() : '';
    this.keep();
    return body.trim();
  }
}
