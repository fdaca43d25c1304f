import type { Proposal, Workflow } from '$lib/api/types';
import { reviewable, waits, waitsFor, type Actor } from '$lib/live/workflow';
import { said, verdictSaid } from './words';

export interface Row {
  proposal: Proposal;
  mine: boolean;
  /** What took it off the queue while this page was open; empty: it still waits. */
  gone: string;
}

/** What waits: for me first, then longest first. */
export function queueOf(workflow: Workflow, proposals: readonly Proposal[], me: Actor): Row[] {
  return proposals
    .filter((one) => waits(workflow, one.state))
    .map((proposal) => ({ proposal, mine: waitsFor(workflow, proposal, me), gone: '' }))
    .sort(
      (a, b) =>
        Number(b.mine) - Number(a.mine) ||
        Date.parse(a.proposal.turn.since) - Date.parse(b.proposal.turn.since) ||
        a.proposal.number - b.proposal.number,
    );
}

/**
 * The rows of an open queue: each keeps its place, so that nothing moves under the reader's hand.
 * What was mine and is no longer stays, greyed out, with what happened; what is new comes last.
 */
export function follow(
  shown: readonly Row[],
  workflow: Workflow,
  proposals: readonly Proposal[],
  me: Actor,
  name: (id: string) => string,
): Row[] {
  const now = queueOf(workflow, proposals, me);
  const kept = shown.flatMap((row): Row[] => {
    const same = now.find((one) => one.proposal.id === row.proposal.id);
    if (same && !decided(workflow, row, same.proposal) && (same.mine || !row.mine)) return [same];
    const proposal = proposals.find((one) => one.id === row.proposal.id);
    return proposal ? [{ proposal, mine: row.mine, gone: happened(proposal, name) }] : [];
  });
  const known = new Set(shown.map((row) => row.proposal.id));
  return [...kept, ...now.filter((row) => !known.has(row.proposal.id))];
}

// A verdict takes a row off, also where the same person has to act next, in another role.
const decided = (workflow: Workflow, row: Row, now: Proposal) =>
  !reviewable(workflow, now.state) && (row.gone !== '' || reviewable(workflow, row.proposal.state));

// The last verdict on the latest revision says who did it; a withdrawal has none.
function happened(proposal: Proposal, name: (id: string) => string): string {
  const last = proposal.reviews?.at(-1);
  const verdict = ['accepted', 'rejected', 'changes_requested'].includes(proposal.state);
  if (verdict && last) return `${name(last.reviewer)} ${verdictSaid(last.verdict).label}`;
  return said(proposal.state).label;
}

/** The row to select after this one is done: the next that waits, else the one before it. */
export function nextWaiting(rows: readonly Row[], id: string): string {
  const at = rows.findIndex((row) => row.proposal.id === id);
  const next =
    rows.slice(at + 1).find((row) => !row.gone) ??
    rows.slice(0, Math.max(at, 0)).findLast((row) => !row.gone);
  return next?.proposal.id ?? '';
}

/** How many wait for me; for the number in the navigation. */
export const countMine = (workflow: Workflow, proposals: readonly Proposal[], me: Actor) =>
  queueOf(workflow, proposals, me).filter((row) => row.mine).length;
