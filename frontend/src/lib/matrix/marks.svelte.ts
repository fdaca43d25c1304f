import { SvelteMap } from 'svelte/reactivity';
import { asProblem, get } from '$lib/api/client';
import type { Wanted } from './heat';
import type { Link } from './link';

export interface Marked {
  label: string;
  techniques: ReadonlySet<string>;
}

interface Asked {
  /** Which filter of the link asks. */
  name: 'user' | 'examples' | 'mitigations' | 'detection' | 'release';
  key: string;
  query: Record<string, string | number>;
  within: boolean;
}

/** The sets of techniques that the filters of a link ask the server for. */
function askedBy(link: Link): Asked[] {
  const asked: Asked[] = [];
  const at: Asked['query'] = link.at ? { at: Number(link.at) } : {};
  const add = (name: Asked['name'], query: Asked['query'], within = true) =>
    asked.push({ name, within, query: { ...query, ...at }, key: JSON.stringify([query, link.at]) });
  if (link.user) add('user', { user: link.user });
  for (const name of ['examples', 'mitigations', 'detection'] as const)
    if (link[name]) add(name, { has: name }, link[name] === 'with');
  if (link.release)
    add('release', {
      release: Number(link.release),
      ...(link.change ? { change: link.change } : {}),
    });
  return asked;
}

/** Fetches sets of techniques when a filter first asks for them, and keeps them. */
export class Marks {
  #known = new SvelteMap<string, Marked>();
  #asked = new Set<string>();
  problem = $state('');

  constructor(readonly domain: string) {}

  /** Sees to it that all sets of a link are there, or on their way. */
  want(link: Link) {
    this.problem = '';
    for (const { key, query } of askedBy(link)) {
      if (this.#asked.has(key)) continue;
      this.#asked.add(key);
      get(`/domains/${encodeURIComponent(this.domain)}/matrix/marks`, query as never).then(
        ({ label, techniques }) => this.#known.set(key, { label, techniques: new Set(techniques) }),
        (cause) => {
          this.#asked.delete(key);
          this.problem = asProblem(cause).message;
        },
      );
    }
  }

  /** Is everything there that the link asks for? */
  ready(link: Link): boolean {
    return askedBy(link).every(({ key }) => this.#known.has(key));
  }

  wanted(link: Link): Wanted[] {
    return askedBy(link).flatMap(({ key, within }) => {
      const marked = this.#known.get(key);
      return marked ? [{ techniques: marked.techniques, within }] : [];
    });
  }

  /** What the set of a filter is called, once it is there. */
  label(link: Link, name: Asked['name']): string {
    const found = askedBy(link).find((one) => one.name === name);
    return (found && this.#known.get(found.key)?.label) ?? '';
  }
}
