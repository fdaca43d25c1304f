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

export interface Shown extends MatrixTechnique {
  subtechniques: MatrixTechnique[];
  /** The text was found in a sub-technique, so it is unfolded. */
  unfold: boolean;
}
export type Column = Omit<MatrixTactic, 'techniques'> & { techniques: Shown[] };

/** The matrix as the filters leave it; a technique stays if it or one of its sub-techniques fits. */
export function filterMatrix(matrix: Matrix, platform: string, text: string): Column[] {
  const wanted = text.trim().toLowerCase();
  const fits = (t: MatrixTechnique) =>
    (!platform || (t.platforms ?? []).includes(platform)) &&
    (!wanted || `${t.attack_id} ${t.name}`.toLowerCase().includes(wanted));
  return matrix.tactics.map((tactic) => ({
    ...tactic,
    techniques: (tactic.techniques ?? []).flatMap((technique): Shown[] => {
      const own = fits(technique);
      const subs = (technique.subtechniques ?? []).filter(fits);
      if (!own && subs.length === 0) return [];
      return [{ ...technique, subtechniques: subs, unfold: wanted !== '' && subs.length > 0 }];
    }),
  }));
}
