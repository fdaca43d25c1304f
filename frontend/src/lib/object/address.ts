import type { Link } from '$lib/api/types';

/** What stays in the address from object to object: the workshop, and as of when all is read. */
export function kept(search: URLSearchParams): string {
  const tail = new URLSearchParams();
  for (const name of ['w', 'at']) {
    const value = search.get(name);
    if (value) tail.set(name, value);
  }
  const text = tail.toString();
  return text && `?${text}`;
}

/** The address of an object's page, by its ATT&CK id where it has one. */
export const pageOf = (link: Pick<Link, 'attack_id' | 'stix_id'>, tail = '') =>
  `/objects/${encodeURIComponent(link.attack_id || link.stix_id)}${tail}`;

/** The address of the graph around an object. */
export function graphOf(link: Pick<Link, 'attack_id' | 'stix_id'>, tail = '', steps = 1): string {
  const search = new URLSearchParams(tail);
  if (steps > 1) search.set('steps', String(steps));
  const text = search.toString();
  return `${pageOf(link)}/graph${text && `?${text}`}`;
}

/** The object that a link leads to, be it to its page or its graph, and that link with what stays in the address. */
export function linked(href: string, tail: string): { id: string; href: string } | undefined {
  const [, id] = /^\/objects\/([^/?#]+)(?:\/graph)?$/.exec(href.split(/[?#]/)[0] ?? '') ?? [];
  if (!id) return undefined;
  return { id: decodeURIComponent(id), href: href.includes('?') ? href : href + tail };
}
