import type { Statistics } from '$lib/api/types';
import { NO_TACTIC } from '$lib/matrix/heat';

export type Needs = Statistics['techniques'][number];

/** What a link says of the table of techniques. */
export interface Search {
  q: string;
  tactic: string;
  platform: string;
  examples: string;
  mitigations: string;
  detection: string;
  /** "with" or "without": sub-techniques alone, or none of them. */
  subs: string;
  /** The year in which it was changed last. */
  year: string;
  /** From how many characters on its description is in a group of LENGTHS. */
  length: string;
  /** A column; with a minus the other way round. */
  sort: string;
  /** All rows are shown. */
  all: string;
}

const NAMES = [
  'q',
  'tactic',
  'platform',
  'examples',
  'mitigations',
  'detection',
  'subs',
  'year',
  'length',
  'sort',
  'all',
] as const satisfies (keyof Search)[];

/** Those that leave rows out. */
export const LEAVES_OUT = NAMES.filter((name) => name !== 'sort' && name !== 'all');

export const readSearch = (params: URLSearchParams): Search =>
  Object.fromEntries(NAMES.map((name) => [name, params.get(name) ?? ''])) as unknown as Search;

/** The groups of lengths of a description, by where they begin. */
export const LENGTHS = [0, 1, 500, 1000, 1500, 2000, 3000];

export const lengthOf = (n: Needs): number =>
  LENGTHS.findLast((from) => from <= n.text_length) ?? 0;
export const yearOf = (n: Needs): string => n.modified.slice(0, 4);

export function lengthLabel(from: number): string {
  const next = LENGTHS[LENGTHS.indexOf(from) + 1];
  if (from === 0) return 'no text';
  return next ? `${from}–${next - 1}` : `${from}+`;
}

const has = (choice: string, count: number) =>
  choice === 'with' ? count > 0 : choice === 'without' ? count === 0 : true;

export function fits(n: Needs, search: Search): boolean {
  const text = search.q.trim().toLowerCase();
  return (
    (!text || `${n.attack_id} ${n.name}`.toLowerCase().includes(text)) &&
    (!search.tactic ||
      (search.tactic === NO_TACTIC ? !n.tactics.length : n.tactics.includes(search.tactic))) &&
    (!search.platform || n.platforms.includes(search.platform)) &&
    has(search.examples, n.examples) &&
    has(search.mitigations, n.mitigations) &&
    has(search.detection, n.detections) &&
    has(search.subs, Number(n.subtechnique)) &&
    (!search.year || yearOf(n) === search.year) &&
    (!search.length || lengthOf(n) === Number(search.length))
  );
}

/** The columns that sort, and what they are called. */
export const COLUMNS = {
  attack_id: 'Technique',
  examples: 'Examples',
  mitigations: 'Mitigations',
  detections: 'Detection',
  text_length: 'Text',
  modified: 'Changed',
} as const satisfies Partial<Record<keyof Needs, string>>;
export type Sorts = keyof typeof COLUMNS;

/** Sorted by a column of the link; equal ones, and an unknown column, by id. */
export function sorted<T>(rows: readonly T[], sort: string, names: readonly (keyof T)[]): T[] {
  const down = sort.startsWith('-');
  const name = names.find((one) => one === sort.replace(/^-/, ''));
  if (name === undefined) return [...rows];
  const compare = (a: T, b: T) => {
    const [x, y] = [a[name], b[name]];
    if (typeof x === 'number' && typeof y === 'number') return x - y;
    return String(x).localeCompare(String(y), 'en', { numeric: true });
  };
  return [...rows].sort((a, b) => (down ? -compare(a, b) : compare(a, b)));
}

/** How many rows fall into each group, in the order of the groups. */
export function counted<K extends string | number>(
  rows: readonly Needs[],
  of: (n: Needs) => K,
  groups?: readonly K[],
): { group: K; count: number }[] {
  const counts = new Map<K, number>(groups?.map((group) => [group, 0]));
  for (const n of rows) counts.set(of(n), (counts.get(of(n)) ?? 0) + 1);
  const list = [...counts].map(([group, count]) => ({ group, count }));
  return groups ? list : list.sort((a, b) => (a.group < b.group ? -1 : 1));
}

/** The address with these parameters; empty ones go. */
export function withParams(url: URL, change: Record<string, string>, hash = ''): string {
  const next = new URL(url);
  for (const [name, value] of Object.entries(change))
    if (value) next.searchParams.set(name, value);
    else next.searchParams.delete(name);
  next.hash = hash;
  return next.pathname + next.search + next.hash;
}

/** The sort that a click on a column's head asks for: the largest first, then the other way. */
export const nextSort = (now: string, column: string): string =>
  now === `-${column}` ? column : `-${column}`;
