/** All that a link says of a matrix: what it shows of it, and how large. */
export interface Link {
  /** STIX id of one of the domain's matrices; empty: all. */
  matrix: string;
  tactic: string;
  platform: string;
  /** What uses a technique. */
  user: string;
  examples: string;
  mitigations: string;
  detection: string;
  /** Touched by a proposal of the workshop. */
  proposals: string;
  /** Number of the collection that added or changed a technique, and which of it. */
  release: string;
  change: string;
  q: string;
  /** Number of the collection as of which all is shown; empty: the present. */
  at: string;
  unfold: string;
  zoom: string;
  /** Techniques are selected, not opened. */
  select: string;
  /** The ids of those that are, with commas. */
  pick: string;
}

const NAMES = [
  'matrix',
  'tactic',
  'platform',
  'user',
  'examples',
  'mitigations',
  'detection',
  'proposals',
  'release',
  'change',
  'q',
  'at',
  'unfold',
  'zoom',
  'select',
  'pick',
] as const satisfies (keyof Link)[];

/** Those that leave something out. */
export const NARROWING = NAMES.filter(
  (name) => !['matrix', 'change', 'at', 'unfold', 'zoom', 'select', 'pick'].includes(name),
);

/** What a technique may have or lack, as filters call it, and the two values of each. */
export const HAVING = [
  ['examples', 'Examples'],
  ['mitigations', 'Mitigations'],
  ['detection', 'Detection'],
] as const;
export const HAS_OR_LACKS = [
  ['with', 'Has some'],
  ['without', 'Lacks them'],
] as const;

/** What has only a few values; anything else in a link means nothing. */
const VALUES: Partial<Record<keyof Link, string[]>> = {
  examples: ['with', 'without'],
  mitigations: ['with', 'without'],
  detection: ['with', 'without'],
  proposals: ['with', 'without'],
  change: ['added', 'changed', 'versioned'],
  unfold: ['all'],
  select: ['on'],
  zoom: ['0', '1', '2', '4'],
};

const numbered = new Set<string>(['release', 'at']);

export function readLink(params: URLSearchParams): Link {
  const link = {} as Link;
  for (const name of NAMES) {
    const value = params.get(name) ?? '';
    const known = numbered.has(name)
      ? /^\d{1,15}$/.test(value)
      : (VALUES[name]?.includes(value) ?? true);
    link[name] = known ? value : '';
  }
  return link;
}

/** The address with these changes; the other parameters stay. */
export function withLink(url: URL, change: Partial<Link>): URL {
  const next = new URL(url);
  for (const [name, value] of Object.entries(change))
    if (value) next.searchParams.set(name, value);
    else next.searchParams.delete(name);
  return next;
}

/** The address of the same part of the matrix as a picture. */
export function pictureOf(link: Link, domain: string, workshop?: string): string {
  const params = new URLSearchParams();
  for (const name of NAMES)
    if (
      link[name] &&
      !['zoom', 'unfold', 'select', 'pick'].includes(name) &&
      (workshop || name !== 'proposals')
    )
      params.set(name, link[name]);
  if (link.unfold) params.set('unfold', 'true');
  const of = workshop ? `workshops/${workshop}` : `domains/${encodeURIComponent(domain)}`;
  return `/api/${of}/matrix.svg?${params}`;
}

/** How large cells are drawn; 0 shows the whole width at once. */
export const ZOOMS = ['0', '1', '2', '3', '4'];
const USUAL = '3';

export const zoomOf = (link: Link): number => ZOOMS.indexOf(link.zoom || USUAL);

export const zoomed = (to: number): string => {
  const zoom = ZOOMS[Math.min(Math.max(to, 0), ZOOMS.length - 1)] ?? USUAL;
  return zoom === USUAL ? '' : zoom;
};
