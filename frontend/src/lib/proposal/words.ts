import type { Proposal, User } from '$lib/api/types';

export type Tone = '' | 'accent' | 'warm' | 'good' | 'bad';

interface Said {
  label: string;
  tone: Tone;
  /** What the state means for whoever reads it. */
  sentence: string;
}

const states: Record<string, Said> = {
  draft: { label: 'Draft', tone: '', sentence: 'Only its author sees it yet.' },
  submitted: { label: 'Submitted', tone: 'accent', sentence: 'It waits for a reviewer.' },
  in_review: { label: 'In review', tone: 'accent', sentence: 'A reviewer is reading it.' },
  changes_requested: {
    label: 'Changes requested',
    tone: 'warm',
    sentence: 'A reviewer asked its author for changes.',
  },
  accepted: {
    label: 'Accepted',
    tone: 'good',
    sentence: 'It is approved and goes into a release next.',
  },
  rejected: { label: 'Rejected', tone: 'bad', sentence: 'It is decided: it will not be released.' },
  withdrawn: { label: 'Withdrawn', tone: '', sentence: 'Its author took it back.' },
  released: { label: 'Released', tone: 'good', sentence: 'It is part of a published release.' },
};

/** The states in the order in which a proposal goes through them, without drafts. */
export const STATES = Object.keys(states).filter((state) => state !== 'draft');

/** What to say for a state; one that this client does not know is shown as it is. */
export const said = (state: string): Said =>
  states[state] ?? { label: state.replaceAll('_', ' '), tone: '', sentence: '' };

/** The id or the provisional label of what it is about; a procedure example has neither. */
export const objectLabel = (p: Pick<Proposal, 'number' | 'object'>): string =>
  p.object.attack_id || (p.object.label === `#${p.number}` ? '' : p.object.label);

const verdicts: Record<string, { label: string; tone: Tone }> = {
  approve: { label: 'approved', tone: 'good' },
  request_changes: { label: 'asked for changes', tone: 'warm' },
  reject: { label: 'rejected', tone: 'bad' },
};

export const verdictSaid = (verdict: string) => verdicts[verdict] ?? { label: verdict, tone: '' };

/** Whose turn it is, as a sentence; empty when it is nobody's. */
export function turnSentence(
  proposal: Pick<Proposal, 'turn'>,
  me: string,
  user: (id: string) => User,
): string {
  const { turn } = proposal;
  if (!turn.user && !turn.role) return '';
  const reason = turn.reason ? ` · ${turn.reason}` : '';
  if (turn.user === me) return `Your turn${reason}`;
  if (turn.user) return `${user(turn.user).name}’s turn${reason}`;
  return turn.reason ? capital(turn.reason) : `Waits for a ${turn.role}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
