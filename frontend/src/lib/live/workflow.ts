import type { Proposal, Role, Workflow } from '$lib/api/types';

type Transition = Workflow['transitions'][number];

/** What somebody does in a workshop, by an operation that stands for it. */
const OPERATIONS = {
  propose: 'start-proposal',
  discuss: 'post-message',
  react: 'react',
  vote: 'vote',
  poll: 'make-poll',
  speak: 'raise-hand',
  park: 'park',
  show: 'set-spotlight',
  moderate: 'set-rules',
  review: 'approve-proposal',
  release: 'open-release',
  run: 'change-workshop',
  'keep templates': 'make-template',
  upgrade: 'upgrade-proposals',
  map: 'map-tactics',
} as const;
export type Doing = keyof typeof OPERATIONS;

/** Who asks: a person with the roles that they have in the workshop. */
export interface Actor {
  user: string;
  roles: readonly Role[];
}

/** May they do this in the workshop? */
export const allows = (workflow: Workflow, doing: Doing, actor: Actor): boolean =>
  shares(workflow.operations[OPERATIONS[doing]] ?? [], actor.roles);

/** May they take this action on the proposal, as it stands? */
export const allowsOn = (
  workflow: Workflow,
  action: string,
  proposal: Party,
  actor: Actor,
): boolean =>
  workflow.transitions.some(
    (t) =>
      t.action === action &&
      t.from === proposal.state &&
      shares(t.roles, actor.roles) &&
      guarded(t.guard, proposal, actor.user),
  );

type Party = Pick<Proposal, 'state' | 'author' | 'co_authors'> &
  Partial<Pick<Proposal, 'credits' | 'suggestions'>>; // old events have neither

function guarded(guard: Transition['guard'], proposal: Party, user: string): boolean {
  const suggested = (state: string) =>
    (proposal.suggestions ?? []).some((one) => one.by === user && one.state === state);
  switch (guard) {
    case 'none':
      return true;
    case 'author':
      return proposal.author === user;
    case 'writer':
      return writes(proposal, user);
    case 'not_writer':
      return !writes(proposal, user);
    case 'not_author':
      return !writes(proposal, user) && !suggested('taken');
    case 'suggester':
      return suggested('open');
    case 'party':
      return (proposal.credits ?? []).some((one) => one.user === user);
  }
}

/** Is somebody among those who write it? */
export const writes = (proposal: Pick<Proposal, 'author' | 'co_authors'>, user: string): boolean =>
  proposal.author === user || (proposal.co_authors ?? []).includes(user); // old events have none

/** Can a proposal in this state get a verdict? */
export const reviewable = (workflow: Workflow, state: string): boolean =>
  workflow.transitions.some((t) => t.action === 'approve' && t.from === state);

/** Does a proposal in this state wait for somebody? */
export const waits = (workflow: Workflow, state: Proposal['state']): boolean =>
  workflow.waiting.includes(state);

/** Does it wait for them? By name, or else by what whoever has the named role can do next. */
export function waitsFor(
  workflow: Workflow,
  proposal: Party & Pick<Proposal, 'turn'>,
  actor: Actor,
): boolean {
  const { turn, state } = proposal;
  if (!waits(workflow, state)) return false;
  if (turn.user) return turn.user === actor.user;
  return workflow.transitions.some(
    (t) =>
      t.from === state &&
      t.to !== state && // what changes nothing of it, can be done at any time
      (t.guard === 'none' || t.guard === 'not_author') &&
      t.roles.some((role) => role === turn.role) &&
      shares(t.roles, actor.roles) &&
      guarded(t.guard, proposal, actor.user),
  );
}

const shares = (some: readonly string[], mine: readonly Role[]) =>
  mine.some((role) => some.includes(role));
