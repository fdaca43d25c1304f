import type { User } from '$lib/api/types';

/** What is being referred to at the end of a text, and where it begins. */
export interface Asked {
  kind: 'person' | 'proposal' | 'object';
  query: string;
  from: number;
}

const forms: [Asked['kind'], RegExp][] = [
  ['person', /(?<![\p{L}\p{N}_])@(\S?[^\n@]{0,30})$/u],
  ['proposal', /(?<![\p{L}\p{N}_#])#([\p{L}\p{N}][^\n#]{0,30}|)$/u],
  ['object', /(?<![\p{L}\p{N}_])([A-Z]{1,4}\d[\d.]{0,9})$/u],
];

/** Does a text, up to where somebody writes, end in the beginning of a name, a number or an id? */
export function asked(before: string): Asked | undefined {
  let nearest: Asked | undefined;
  for (const [kind, form] of forms) {
    const found = form.exec(before);
    if (found && found.index >= (nearest?.from ?? 0))
      nearest = { kind, query: found[1] ?? '', from: found.index };
  }
  return nearest;
}

/** How one person alone is mentioned: by their name, with more where others bear it, too. */
export function handleOf(one: User, all: readonly User[]): string {
  const same = all.filter((u) => u.name.toLowerCase() === one.name.toLowerCase());
  if (same.length < 2) return one.name;
  const alike = same.filter((u) => u.organisation === one.organisation).length > 1;
  const id = alike || !one.organisation ? one.id.slice(0, 8) : '';
  return `${one.name} (${[one.organisation, id].filter(Boolean).join(', ')})`;
}

/** Do words begin with what was typed, whatever the case? */
export function fits(words: string, query: string): boolean {
  const text = words.toLowerCase();
  const q = query.toLowerCase();
  return text.startsWith(q) || text.includes(` ${q}`);
}
