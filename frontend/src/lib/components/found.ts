import type { Found as Answer, Hit, Proposal } from '$lib/api/types';
import { findProposals } from '$lib/proposal/list';
import { objectLabel, said } from '$lib/proposal/words';
import { objectHref, searchHref } from '$lib/search/address';
import { objects } from '$lib/search/words';

/** One line of the search box and where it leads: an object, a proposal, or all results. */
export interface Found {
  key: string;
  href: string;
  hit?: Hit;
  proposal?: { id: string; name: string; badge: string };
  all?: string;
}

/**
 * What was found: the workshop's proposals first, unless an object has the very id that was typed;
 * last, where there is more, the way to all of it. All as of a collection; 0: the present.
 */
export function results(
  query: string,
  answer: Pick<Answer, 'hits' | 'total'>,
  proposals: readonly Proposal[],
  workshop: string | undefined,
  at = 0,
): Found[] {
  const hits = answer.hits.map((hit) => ofObject(hit, workshop, at));
  const found = query.trim().length < 2 ? [] : findProposals(proposals, query).map(ofProposal);
  const exact = answer.hits[0]?.attack_id.toLowerCase() === query.trim().toLowerCase();
  const list = exact ? [...hits, ...found] : [...found, ...hits];
  if (answer.total === 0) return list;
  const href = searchHref({ q: query.trim(), at }, workshop);
  return [...list, { key: 'all', href, all: `All results: ${objects(answer.total)}` }];
}

const ofObject = (hit: Hit, workshop: string | undefined, at: number): Found => ({
  key: hit.stix_id,
  href: objectHref(hit, workshop, at),
  hit,
});

const ofProposal = (proposal: Proposal): Found => ({
  key: proposal.id,
  href: `/w/${proposal.workshop}/proposals/${proposal.id}`,
  proposal: {
    id: objectLabel(proposal) || `#${proposal.number}`,
    name: proposal.title,
    badge: `proposal, ${said(proposal.state).label.toLowerCase()}`,
  },
});
