import type { Link } from '$lib/api/types';
import { kept, pageOf } from '$lib/object/address';

/** What a search asks for; all of it stands in the address of its page. */
export interface Asked {
  q: string;
  type: string[];
  domain: string[];
  tactic: string[];
  platform: string[];
  /** Number of the collection as of which is searched; 0: the present. */
  at: number;
  limit: number;
}

export const FACETS = ['type', 'domain', 'tactic', 'platform'] as const;
export type FacetName = (typeof FACETS)[number];

/** How many results a page shows at first, and how many the server gives at most. */
export const STEP = 50;
export const MOST = 500;
const LONGEST = 500;

export function readAsked(params: URLSearchParams): Asked {
  const limit = Math.round(Number(params.get('limit')));
  const all = (name: FacetName) => params.getAll(name).filter(Boolean);
  return {
    q: (params.get('q') ?? '').slice(0, LONGEST),
    type: all('type'),
    domain: all('domain'),
    tactic: all('tactic'),
    platform: all('platform'),
    at: /^\d{1,15}$/.test(params.get('at') ?? '') ? Number(params.get('at')) : 0,
    limit: limit > STEP ? Math.min(limit, MOST) : STEP,
  };
}

/** The address of the page that shows a search; within a workshop it stays there. */
export function searchHref(asked: Partial<Asked>, workshop?: string): string {
  const params = new URLSearchParams();
  if (asked.q) params.set('q', asked.q);
  for (const name of FACETS) for (const value of asked[name] ?? []) params.append(name, value);
  if (asked.limit && asked.limit > STEP) params.set('limit', String(asked.limit));
  if (workshop) params.set('w', workshop);
  if (asked.at) params.set('at', String(asked.at));
  const query = params.toString();
  return query ? `/search?${query}` : '/search';
}

/** Chooses a value of a facet, or no longer; from then on the results begin anew. */
export function toggled(asked: Asked, name: FacetName, value: string): Asked {
  const chosen = asked[name];
  const next = chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value];
  return { ...asked, [name]: next, limit: STEP };
}

export const chosenCount = (asked: Asked) => FACETS.reduce((n, name) => n + asked[name].length, 0);

/** The page of an object, as of a collection. */
export function objectHref(
  link: Pick<Link, 'attack_id' | 'stix_id'>,
  workshop?: string,
  at = 0,
): string {
  return pageOf(link, kept(new URLSearchParams({ w: workshop ?? '', at: at ? String(at) : '' })));
}
