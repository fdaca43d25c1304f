import type { ObjectPage, Value } from '$lib/api/types';

/** One procedure example of the technique that is split. */
export interface Example {
  /** STIX id of the relationship. */
  id: string;
  who: string;
  type: string;
  html: string;
}

const ACTORS = ['intrusion-set', 'malware', 'tool', 'campaign'];

/** The procedure examples of a technique's page. */
export const examplesOf = (page: Pick<ObjectPage, 'sections'>): Example[] =>
  page.sections.flatMap((section) =>
    section.items
      .filter((item) => item.stix_id && ACTORS.includes(item.object.type))
      .map((item) => ({
        id: item.stix_id,
        who: `${item.object.attack_id} ${item.object.name}`.trim(),
        type: item.object.type,
        html: item.html,
      })),
  );

/** Words of a text without its marks. */
const plain = (html: string) => html.replace(/<[^>]*>/g, ' ');

export function matching(list: Example[], words: string, type: string): Example[] {
  const wanted = words.trim().toLowerCase();
  return list.filter(
    (one) =>
      (!type || one.type === type) &&
      (!wanted || `${one.who} ${plain(one.html)}`.toLowerCase().includes(wanted)),
  );
}

/** Where examples go: those with nothing chosen stay, and have no row. */
export const placesOf = (value: Value): Map<string, string> =>
  new Map((value.rows ?? []).map((row) => [row.example ?? '', row.piece ?? '']));

/** The rows with some examples going somewhere else; to '': they stay. */
export function placed(value: Value, ids: string[], piece: string): NonNullable<Value['rows']> {
  const places = placesOf(value);
  for (const id of ids)
    if (piece) places.set(id, piece);
    else places.delete(id);
  return [...places].map(([example, to]) => ({ example, piece: to }));
}
