import type {
  ChangedObject,
  Comparison,
  ListedCollection,
  RelationshipChange,
} from '$lib/api/types';
import { sectionLabel } from '$lib/release/words';

/** What a page of a comparison shows is in its address, so that a link shows the same. */
export interface Filters {
  section: string;
  type: string;
  q: string;
}
const NAMES = ['section', 'type', 'q'] as const;

export function readFilters(params: URLSearchParams): Filters {
  return {
    section: params.get('section') ?? '',
    type: params.get('type') ?? '',
    q: params.get('q') ?? '',
  };
}

/** The address with these filters; the other parameters stay. */
export function withFilters(url: URL, filters: Filters): URL {
  const next = new URL(url);
  for (const name of NAMES)
    if (filters[name]) next.searchParams.set(name, filters[name]);
    else next.searchParams.delete(name);
  return next;
}

export interface Row {
  id: string;
  type: string;
  attackId: string;
  name: string;
  versions: string;
  /** What comes behind the name, such as what replaces it. */
  note: string;
  before: number;
  after: number;
}
export interface Group {
  key: string;
  label: string;
  help: string;
  rows: Row[];
}

const versions = (o: ChangedObject) =>
  o.from && o.to && o.from !== o.to ? `${o.from} → ${o.to}` : o.to || o.from;

/** All that a comparison has, as groups of rows. */
export function groups(c: Comparison): Group[] {
  const name = (id: string) => {
    const link = c.names[id];
    return link ? [link.attack_id, link.name].filter(Boolean).join(' ') : id;
  };
  const object = (o: ChangedObject): Row => ({
    id: o.stix_id,
    type: o.type,
    attackId: o.attack_id,
    name: o.name || o.stix_id,
    versions: versions(o),
    note: o.replaced_by ? `replaced by ${name(o.replaced_by)}` : '',
    before: o.before ?? 0,
    after: o.after ?? 0,
  });
  const relationship =
    (kind: string) =>
    (r: RelationshipChange): Row => ({
      id: r.stix_id,
      type: 'relationship',
      attackId: '',
      name: `${name(r.source)} ${kind.replaceAll('-', ' ')} ${name(r.target)}`,
      versions: '',
      note: '',
      before: r.before ?? 0,
      after: r.after ?? 0,
    });
  return [
    ...c.sections.map((s) => ({
      key: s.key,
      label: sectionLabel(s.key),
      help: '',
      rows: s.objects.map(object),
    })),
    ...c.others.map((s) => ({
      key: `other-${s.key}`,
      label: `Other types: ${sectionLabel(s.key).toLowerCase()}`,
      help: 'Types that ATT&CK’s own changelogs leave out, by the same rules.',
      rows: s.objects.map(object),
    })),
    ...(c.unlisted.length
      ? [
          {
            key: 'unlisted',
            label: 'Changed without a new version',
            help: 'Not as they were, though ATT&CK’s own changelogs list them nowhere: version and time of change are the same, or they were revoked or deprecated before.',
            rows: c.unlisted.map(object),
          },
        ]
      : []),
    ...c.relationships.map((group) => ({
      key: `${group.kind}-${group.key}`,
      label: `Relationships “${group.kind.replaceAll('-', ' ')}”: ${(group.key === 'changes' ? 'Changes' : sectionLabel(group.key)).toLowerCase()}`,
      help: '',
      rows: group.items.map(relationship(group.kind)),
    })),
  ];
}

/** The groups and rows that the filters leave. */
export function filterGroups(all: readonly Group[], filters: Filters): Group[] {
  const words = filters.q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (row: Row) => {
    const text = `${row.attackId} ${row.name} ${row.note} ${row.id}`.toLowerCase();
    return (
      (!filters.type || row.type === filters.type) && words.every((word) => text.includes(word))
    );
  };
  return all
    .filter((group) => !filters.section || group.key === filters.section)
    .map((group) => ({ ...group, rows: group.rows.filter(fits) }))
    .filter((group) => group.rows.length > 0);
}

/** The types that occur, by name. */
export const typesOf = (all: readonly Group[]): string[] =>
  [...new Set(all.flatMap((group) => group.rows.map((row) => row.type)))].sort();

/** What to compare where nobody chose: the current state with the one before it in the list. */
export function usual(list: readonly ListedCollection[]): { from: number; to: number } | undefined {
  const at = list.findIndex((one) => one.current);
  const to = list[at];
  const from = list[at + 1] ?? list[at - 1];
  return to && from ? { from: from.id, to: to.id } : undefined;
}

/** How a collection is called in lists: its version and where it is from. */
export function collectionLabel(c: Pick<ListedCollection, 'version' | 'source' | 'title'>): string {
  const source = { release: ', a release', index: ', the built-in index', import: '' }[c.source];
  return `${c.version || c.title}${source}`;
}
