import type { Difference } from '$lib/api/types';
import type { Ref } from '$lib/proposal/diff';

/** One property of an object before and after, in the form in which it is shown. */
export type Shown =
  | { as: 'text'; before: string; after: string }
  | { as: 'list'; before: string[]; after: string[] }
  | { as: 'references'; before: Ref[]; after: Ref[] };

const texts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const objects = (value: unknown): value is object[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null);

/** An object of a list in a line. */
const line = (of: object) =>
  Object.entries(of)
    .map(([key, value]) => `${propertyLabel(key)}: ${written(value)}`)
    .join(' · ');

const cites = (value: unknown): value is Partial<Ref & { external_id: string }>[] =>
  Array.isArray(value) &&
  value.every((one) => typeof one === 'object' && one !== null && 'source_name' in one);

const written = (value: unknown) =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2);

/** Chooses the form by what the values are, so that unknown properties have one, too. */
export function shown({ property, before, after }: Difference): Shown {
  const both = [before ?? [], after ?? []];
  const listed = Array.isArray(before) || Array.isArray(after);
  if (property === 'external_references' && both.every(cites)) {
    const ref = (one: Partial<Ref & { external_id: string }>): Ref => ({
      source_name: one.source_name ?? '',
      description: [one.external_id, one.description].filter(Boolean).join(' '),
      url: one.url ?? '',
    });
    const [old = [], now = []] = both.filter(cites).map((list) => list.map(ref));
    return { as: 'references', before: old, after: now };
  }
  if (listed && both.every(texts)) {
    const [old = [], now = []] = both.filter(texts).map((list) => [...new Set(list)]);
    return { as: 'list', before: old, after: now };
  }
  if (listed && both.every(objects)) {
    const [old = [], now = []] = both.filter(objects).map((list) => [...new Set(list.map(line))]);
    // Of lists that have the same in another order the order is what differs.
    if (old.length !== now.length || old.some((one) => !now.includes(one)))
      return { as: 'list', before: old, after: now };
  }
  const [old, now] = [written(before), written(after)];
  // What is one word, such as a time or yes and no, is read as a whole.
  if (!/\s/.test(old + now))
    return { as: 'list', before: old ? [old] : [], after: now ? [now] : [] };
  return { as: 'text', before: old, after: now };
}

const names: Record<string, string> = {
  kill_chain_phases: 'Tactics',
  external_references: 'References',
  object_marking_refs: 'Markings',
  created_by_ref: 'Created by',
  modified: 'Last modified',
};

/** A name for people: x_mitre_data_sources becomes Data sources. */
export function propertyLabel(property: string): string {
  const plain = property.replace(/^x_(mitre_)?/, '').replaceAll('_', ' ');
  return names[property] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}
