import type { Item, Part, Section } from '$lib/api/types';

/** How many objects of a section are shown at first: as many as are drawn at once without a wait. */
export const FIRST = 25;

/** So many are made in one turn. */
export const PART = 8;

/** How many turns a section takes: its matrices, and what it lists at first, in parts. */
export const turnsOf = ({ matrices, items }: Section) =>
  Number(!!matrices?.length) + Math.max(1, Math.ceil(Math.min(items.length, FIRST) / PART));

const plain = (html: string) => html.replace(/<[^>]*>/g, ' ');
const folded = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();

const wordsOf = (one: Part | Item): string =>
  [
    one.object.attack_id,
    one.object.name,
    plain(one.html),
    ...(one.beside?.rows.flat() ?? []),
    ...(one.parts ?? []).map(wordsOf),
  ].join(' ');

/** The items that have all words of a filter, in name, id or text; accents do not matter. */
export function matching(section: Section, filter: string): Item[] {
  const words = folded(filter).split(/\s+/).filter(Boolean);
  if (!words.length) return section.items;
  return section.items.filter((item) => {
    const text = folded(wordsOf(item));
    return words.every((word) => text.includes(word));
  });
}
