import type { Changelog, ReleaseItem, ReleasePage, Value } from '$lib/api/types';

const sections: Record<string, string> = {
  additions: 'Additions',
  major_version_changes: 'Major version changes',
  minor_version_changes: 'Minor version changes',
  other_version_changes: 'Other version changes',
  patches: 'Patches',
  revocations: 'Revocations',
  deprecations: 'Deprecations',
  deletions: 'Deletions',
};

/** The name of a section of a changelog, as MITRE's own tool calls it. */
export const sectionLabel = (key: string): string => sections[key] ?? key.replaceAll('_', ' ');

const some = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** How many conflicts nobody has solved yet. */
export const unsolved = (items: readonly ReleaseItem[]): number =>
  items.reduce((n, item) => n + item.conflicts.filter((one) => !one.resolution).length, 0);

/** What publishing does, as sentences to say yes to. */
export function willHappen(page: Pick<ReleasePage, 'items' | 'changelog' | 'version'>): string[] {
  const { items, version } = page;
  const added = count(page.changelog, (key) => key === 'additions');
  const changed = count(page.changelog, (key) => key !== 'additions');
  const links = page.changelog.relationships.filter((one) => one.kind === 'uses').length;
  const parts = [
    ...(added ? [`${some(added, 'new object')} with ATT&CK ids for good`] : []),
    ...(changed ? [some(changed, 'changed object')] : []),
    ...(links ? [some(links, 'procedure example')] : []),
  ];
  const list = new Intl.ListFormat('en').format(parts.length ? parts : ['no changed object']);
  return [
    `${some(items.length, 'proposal')} ${items.length === 1 ? 'becomes' : 'become'} part of the release: ${list}.`,
    `The matrix and the object pages show version ${version} from then on.`,
    'A published release never changes again.',
  ];
}

function count(changelog: Changelog, wanted: (key: string) => boolean): number {
  return changelog.sections
    .filter((section) => wanted(section.key))
    .reduce((n, section) => n + section.objects.length, 0);
}

/** How to compare values of a field whose form is not at hand. */
export function kindOf(...values: Value[]): 'list' | 'references' | 'markdown' {
  if (values.some((value) => value.references?.length)) return 'references';
  return values.some((value) => value.list?.length) ? 'list' : 'markdown';
}

/** What stops publishing, in one list; empty when nothing does. */
export function stops(page: Pick<ReleasePage, 'items' | 'problems'>): string[] {
  const ofItems = page.items.flatMap((item) =>
    item.problems.map((problem) => `#${item.proposal.number}: ${problem}`),
  );
  return [...page.problems, ...ofItems];
}
