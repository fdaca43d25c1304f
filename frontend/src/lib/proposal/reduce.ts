import type { Event, Proposal, ProposalPage, RevisionBrief, RevisionContent } from '$lib/api/types';
import { afterEvent } from '$lib/talk/messages';
import { sameValue, type FieldValue } from './diff';

/**
 * The state of a proposal's page after an event of its workshop; an event that the page has
 * already seen changes nothing. What the page would read afresh is what this gives.
 */
export function applyToPage(page: ProposalPage, event: Event): ProposalPage {
  if (event.seq <= page.seq) return page;
  const next: ProposalPage = { ...page, seq: event.seq };
  const { proposal, proposals } = event.data;
  const mine = [...(proposal ? [proposal] : []), ...(proposals ?? [])].find(
    (one) => one.id === page.proposal.id,
  );
  if (mine) next.proposal = { ...mine, content: mine.content ?? page.proposal.content };
  if (mine?.content && mine.revision > (page.revisions.at(-1)?.number ?? 0))
    next.revisions = withRevision(page.revisions, mine, event.at);
  next.messages = afterEvent(page.messages, event, `proposal:${page.proposal.id}`);
  return next;
}

function withRevision(revisions: RevisionBrief[], proposal: Proposal, at: string): RevisionBrief[] {
  const made = {
    number: proposal.revision,
    at: proposal.content?.at ?? at,
    rationale: proposal.rationale,
    ...(proposal.content?.made_by && { made_by: proposal.content.made_by }),
    ...(proposal.content?.note && { note: proposal.content.note }),
  };
  return [...revisions.filter((one) => one.number !== made.number), made];
}

/** A revision against another one instead of against its base. */
export function against(newer: RevisionContent, older: RevisionContent): RevisionContent {
  const was = new Map(older.fields.map((one) => [one.field.name, one]));
  return {
    ...newer,
    fields: newer.fields.map((one) => {
      const before = was.get(one.field.name);
      return {
        ...one,
        before: before?.after ?? {},
        before_html: before?.after_html,
        changed: !sameValue(before?.after as FieldValue, one.after as FieldValue),
        labels: { ...before?.labels, ...one.labels },
      };
    }),
  };
}
