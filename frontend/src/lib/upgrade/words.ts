import type { Proposal, Standing, Term } from '$lib/api/types';
import type { Tone } from '$lib/proposal/words';

/** Has the taxonomy moved under this proposal, so that somebody should look? */
export const needsLook = (p: Pick<Proposal, 'standing'>): boolean =>
  !!p.standing && (p.standing.state !== 'current' || p.standing.tactics.length > 0);

/** A word for how an open proposal stands beside ATT&CK as it is now; none where nothing moved. */
export function badge(s: Standing | undefined): { label: string; tone: Tone } | undefined {
  if (!s) return undefined;
  if (s.state === 'gone') return { label: 'its object is gone', tone: 'bad' };
  if (s.state === 'conflict') return { label: 'conflict with ATT&CK', tone: 'bad' };
  if (s.tactics.length) return { label: 'old tactic', tone: 'bad' };
  return s.state === 'moved' ? { label: 'ATT&CK moved', tone: 'warm' } : undefined;
}

const list = (words: readonly string[]) => new Intl.ListFormat('en').format(words);
const release = (s: Standing) => (s.attack ? `ATT&CK ${s.attack}` : 'ATT&CK');

/** What happened under a proposal, and what it means, in sentences. */
export function sentence(s: Standing, label: (field: string) => string): string {
  const fields = (names: readonly string[]) => list(names.map((name) => label(name).toLowerCase()));
  const version = s.to && s.to !== s.from ? ` (version ${s.from} became ${s.to})` : '';
  if (s.state === 'moved')
    return s.changed.length
      ? `${release(s)} changed ${fields(s.changed)} of this object${version}. Both changes fit together.`
      : `${release(s)} has a newer version of this object${version}, which says the same in all that is edited here.`;
  if (s.state === 'conflict')
    return `${release(s)} changed ${fields(s.fields)} of this object, too${version}. Somebody has to choose.`;
  return '';
}

const reasons = {
  revoked: 'was revoked',
  deprecated: 'was deprecated',
  missing: 'is no longer there',
};

/** What became of an object that a proposal needs. */
export const goneSentence = (s: Standing, gone: Standing['gone'][number]): string =>
  `${reasons[gone.reason]} in ${release(s)}${gone.replacement ? ' and replaced by' : '.'}`;

/** The proposals that merge cleanly and are in nobody's hands: all can be taken over at once. */
export const inBulk = (proposals: readonly Proposal[]): Proposal[] =>
  proposals.filter((p) => p.standing?.state === 'moved' && !inHand(p));

/** Is its author working on it? */
export const inHand = (p: Pick<Proposal, 'state'>): boolean =>
  p.state === 'draft' || p.state === 'changes_requested';

export type Mapping = Record<string, string[]>;

/** The tactics that proposals name and that are gone, and how many name each. */
export function vanished(
  proposals: readonly Proposal[],
  drafts: Record<string, number>,
): { tactic: string; proposals: Proposal[]; drafts: number }[] {
  const names = new Set(Object.keys(drafts).filter(Boolean));
  for (const p of proposals) for (const t of p.standing?.tactics ?? []) names.add(t);
  return [...names].sort().map((tactic) => ({
    tactic,
    proposals: proposals.filter((p) => p.standing?.tactics.includes(tactic)),
    drafts: drafts[tactic] ?? 0,
  }));
}

/** A list of tactics with others in the place of some, each once; as the server does it. */
export function applied(tactics: readonly string[], mapping: Mapping): string[] {
  return [...new Set(tactics.flatMap((t) => (mapping[t]?.length ? mapping[t] : [t])))];
}

export const tacticName = (terms: readonly Term[], value: string): string =>
  terms.find((term) => term.value === value)?.label ?? value;
