import type { Proposal } from '$lib/api/types';

export interface Filters {
  state: string;
  kind: string;
  author: string;
  q: string;
}

const NAMES = ['state', 'kind', 'author', 'q'] as const;

/** The filters of a list of proposals are in its address, so that a link shows the same list. */
export function readFilters(params: URLSearchParams): Filters {
  const [state, kind, author, q] = NAMES.map((name) => params.get(name) ?? '') as [
    string,
    string,
    string,
    string,
  ];
  return { state, kind, author, q };
}

/** The address with these filters; the other parameters stay. */
export function withFilters(url: URL, filters: Filters): URL {
  const next = new URL(url);
  for (const name of NAMES)
    if (filters[name]) next.searchParams.set(name, filters[name]);
    else next.searchParams.delete(name);
  return next;
}

/** The proposals that the filters leave, newest change first. */
export function filterProposals(proposals: readonly Proposal[], filters: Filters): Proposal[] {
  const words = filters.q.toLowerCase().split(/\s+/).filter(Boolean);
  return proposals
    .filter(
      (one) =>
        (!filters.state || one.state === filters.state) &&
        (!filters.kind || one.kind === filters.kind) &&
        (!filters.author || one.author === filters.author) &&
        words.every((word) => haystack(one).includes(word)),
    )
    .sort((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at) || b.number - a.number);
}

/** Finds proposals by number, label or words of the title; for the search box. */
export function findProposals(proposals: readonly Proposal[], text: string, limit = 5): Proposal[] {
  return filterProposals(proposals, { state: '', kind: '', author: '', q: text }).slice(0, limit);
}

/** The proposals that touch an object, those that are alive first. */
export function about(proposals: readonly Proposal[], stixId: string): Proposal[] {
  const gone = (p: Proposal) => Number(p.state === 'withdrawn' || p.state === 'rejected');
  return proposals
    .filter((p) => p.object.stix_id === stixId || (p.techniques ?? []).includes(stixId))
    .sort((a, b) => gone(a) - gone(b) || b.number - a.number);
}

const haystack = (p: Proposal) =>
  `#${p.number} ${p.title} ${p.object.label} ${p.object.attack_id} ${p.object.name} ${p.rationale}`.toLowerCase();
