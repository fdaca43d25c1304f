import type { Hit, Proposal } from '$lib/api/types';
import { findProposals } from '$lib/proposal/list';
import { objectLabel, said } from '$lib/proposal/words';

/** One line of the search box and where it leads. */
export interface Found {
  key: string;
  href: string;
  id: string;
  name: string;
  badge: string;
  context: string;
}

/** What was found: the workshop's proposals first, unless an object has the very id that was typed. */
export function results(
  query: string,
  hits: readonly Hit[],
  proposals: readonly Proposal[],
  workshop: string | undefined,
): Found[] {
  const objects = hits.map((hit) => ofObject(hit, workshop));
  const found = query.trim().length < 2 ? [] : findProposals(proposals, query).map(ofProposal);
  const exact = hits[0]?.attack_id.toLowerCase() === query.trim().toLowerCase();
  return exact ? [...objects, ...found] : [...found, ...objects];
}

const ofObject = (hit: Hit, workshop: string | undefined): Found => ({
  key: hit.stix_id,
  href: `/objects/${hit.attack_id || hit.stix_id}${workshop ? `?w=${workshop}` : ''}`,
  id: hit.attack_id,
  name: hit.name,
  badge: hit.type,
  context: hit.context === hit.name ? '' : hit.context,
});

const ofProposal = (proposal: Proposal): Found => ({
  key: proposal.id,
  href: `/w/${proposal.workshop}/proposals/${proposal.id}`,
  id: objectLabel(proposal) || `#${proposal.number}`,
  name: proposal.title,
  badge: `proposal, ${said(proposal.state).label.toLowerCase()}`,
  context: '',
});
