import type { Matrix, MatrixTactic, MatrixTechnique, Proposal, Workflow } from '$lib/api/types';
import { waits } from '$lib/live/workflow';
import type { Link } from './link';

/** How many proposals that count touch each object. */
export function countByObject(proposals: Proposal[], workflow: Workflow): Map<string, number> {
  const counts = new Map<string, number>();
  for (const proposal of proposals) {
    if (!workflow.counted.includes(proposal.state)) continue;
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

/** The techniques and sub-techniques that proposals would add which may still come true. */
export function proposedIn(proposals: Proposal[], workflow: Workflow): Proposed[] {
  return proposals
    .filter((p) => waits(workflow, p.state))
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
  /** It fits the filters itself, not only something below it. */
  fits: boolean;
  /** What was looked for is below it, so it is unfolded. */
  unfold: boolean;
}
export type Column = Omit<MatrixTactic, 'techniques'> & {
  /** Names the column among all; two tactics can have one short name. */
  key: string;
  /** How many techniques it has without filters. */
  size: number;
  techniques: Shown[];
  proposed: Proposed[];
};

/** Stands for the column without a tactic where a link names one. */
export const NO_TACTIC = '-';

/** A set of techniques, and whether those in it or the others are wanted. */
export interface Wanted {
  techniques: ReadonlySet<string>;
  within: boolean;
}

/** What the filters need to know beside the matrix. */
export interface Known {
  wanted?: Wanted[];
  heat?: ReadonlyMap<string, number>;
  proposed?: readonly Proposed[];
}

type Narrow = Pick<Link, 'matrix' | 'tactic' | 'platform' | 'proposals' | 'q'>;

/**
 * The matrix as the filters leave it; a technique stays if it or one of its sub-techniques fits.
 * A proposed one has nothing but a name and tactics yet, so a filter by anything else leaves it out.
 */
export function filterMatrix(matrix: Matrix, link: Narrow, known: Known = {}): Column[] {
  const { wanted = [], heat, proposed = [] } = known;
  const text = link.q.trim().toLowerCase();
  const says = (id: string, name: string) => !text || `${id} ${name}`.toLowerCase().includes(text);
  const hot = (id: string) => (heat?.get(id) ?? 0) > 0;
  const fits = (t: MatrixTechnique) =>
    (!link.platform || t.platforms.includes(link.platform)) &&
    says(t.attack_id, t.name) &&
    (!link.proposals || hot(t.stix_id) === (link.proposals === 'with')) &&
    wanted.every(({ techniques, within }) => techniques.has(t.stix_id) === within);
  const other = link.platform || wanted.length > 0 || link.proposals === 'without';
  const news = other ? [] : proposed.filter((p) => says(p.label, p.name));
  return columnsOf(matrix, link).map((tactic, at) => ({
    ...tactic,
    key: `${at} ${tactic.stix_id || tactic.shortname}`,
    size: tactic.techniques.length,
    proposed: news.filter((p) => !p.under.length && p.tactics.includes(tactic.shortname)),
    techniques: tactic.techniques.flatMap((technique): Shown[] => {
      const subtechniques = (technique.subtechniques ?? []).filter(fits);
      const under = news.filter((p) => p.under.includes(technique.stix_id));
      const itself = fits(technique);
      const below = subtechniques.length + under.length;
      if (!itself && below === 0) return [];
      const sought = text !== '' || (link.proposals === 'with' && under.length > 0);
      const unfold = below > 0 && (!itself || sought);
      return [{ ...technique, subtechniques, proposed: under, fits: itself, unfold }];
    }),
  }));
}

/** The columns that a link leaves: those of one matrix, or one tactic. */
function columnsOf(matrix: Matrix, link: Narrow): MatrixTactic[] {
  const only = matrix.matrices.find((one) => one.stix_id === link.matrix)?.tactics;
  return matrix.tactics.filter(
    (tactic) =>
      (!link.matrix || only?.includes(tactic.stix_id)) &&
      (!link.tactic || tactic.shortname === (link.tactic === NO_TACTIC ? '' : link.tactic)),
  );
}

/** How many techniques fit themselves, each once, whatever the number of its tactics. */
export function countShown(columns: Column[]): number {
  const ids = new Set<string>();
  for (const column of columns)
    for (const technique of column.techniques) {
      if (technique.fits) ids.add(technique.stix_id);
      for (const sub of technique.subtechniques) ids.add(sub.stix_id);
    }
  return ids.size;
}
