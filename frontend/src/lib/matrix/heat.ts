import type { Matrix, MatrixTactic, MatrixTechnique, Proposal } from '$lib/api/types';

const GONE = new Set(['withdrawn', 'rejected', 'draft']);

/** How many proposals that are alive touch each object. */
export function countByObject(proposals: Proposal[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const proposal of proposals) {
    if (GONE.has(proposal.state)) continue;
    for (const id of new Set(proposal.techniques ?? [])) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The colour step for a count: 0 none to 4 hottest. */
export const step = (count: number): number => (count < 4 ? count : 4);

/** What a proposal would add to the matrix; its id is given by a release only. */
export interface Proposed {
  proposal: string;
  label: string;
  name: string;
  tactics: string[];
  /** STIX ids of techniques, one of which is the parent of a new sub-technique. */
  under: string[];
}

/** The techniques and sub-techniques that proposals which are alive would add. */
export function proposedIn(proposals: Proposal[]): Proposed[] {
  return proposals
    .filter((p) => !GONE.has(p.state) && p.state !== 'released')
    .filter((p) => p.kind === 'technique' || p.kind === 'sub-technique')
    .map((p) => ({
      proposal: p.id,
      label: p.object.label,
      name: p.object.name || p.title,
      tactics: p.tactics ?? [],
      under: p.kind === 'sub-technique' ? (p.techniques ?? []) : [],
    }));
}

export interface Shown extends MatrixTechnique {
  subtechniques: MatrixTechnique[];
  proposed: Proposed[];
  /** The text was found in a sub-technique, so it is unfolded. */
  unfold: boolean;
}
export type Column = Omit<MatrixTactic, 'techniques'> & {
  techniques: Shown[];
  proposed: Proposed[];
};

/**
 * The matrix as the filters leave it; a technique stays if it or one of its sub-techniques fits.
 * A proposed one has no platforms here, so a filter by platform leaves it out.
 */
export function filterMatrix(
  matrix: Matrix,
  platform: string,
  text: string,
  proposed: readonly Proposed[] = [],
): Column[] {
  const wanted = text.trim().toLowerCase();
  const says = (id: string, name: string) =>
    !wanted || `${id} ${name}`.toLowerCase().includes(wanted);
  const fits = (t: MatrixTechnique) =>
    (!platform || (t.platforms ?? []).includes(platform)) && says(t.attack_id, t.name);
  const news = platform ? [] : proposed.filter((p) => says(p.label, p.name));
  return matrix.tactics.map((tactic) => ({
    ...tactic,
    proposed: news.filter((p) => !p.under.length && p.tactics.includes(tactic.shortname)),
    techniques: (tactic.techniques ?? []).flatMap((technique): Shown[] => {
      const subs = (technique.subtechniques ?? []).filter(fits);
      const under = news.filter((p) => p.under.includes(technique.stix_id));
      if (!fits(technique) && subs.length + under.length === 0) return [];
      const unfold = wanted !== '' && subs.length + under.length > 0;
      return [{ ...technique, subtechniques: subs, proposed: under, unfold }];
    }),
  }));
}
