import type { Place, Shared, Value } from '$lib/api/types';

/** A part of a text, counted as browsers count. */
export interface Span {
  from: number;
  to: number;
}

/** The text of a field in which a place is. */
export function textAt(value: Value, { item, part }: Place): string {
  if (value.list) return value.list[item] ?? '';
  if (value.rows) return value.rows[item]?.[part ?? ''] ?? '';
  if (value.references) {
    const ref = value.references[item];
    return (part && ref?.[part as keyof typeof ref]) || '';
  }
  return value.text ?? '';
}

/**
 * Where something stands by now: the text may have been changed since it was found. Nothing, where
 * it is gone.
 */
export function standing(text: string, found: string, { from, to }: Span): Span | undefined {
  if (text.slice(from, to).toLowerCase() === found.toLowerCase()) return { from, to };
  let nearest: number | undefined;
  for (let at = text.indexOf(found); at >= 0; at = text.indexOf(found, at + 1))
    if (nearest === undefined || Math.abs(at - from) < Math.abs(nearest - from)) nearest = at;
  return nearest === undefined ? undefined : { from: nearest, to: nearest + found.length };
}

/** What a field holds with the replacement in all places of something. */
export function replaced(value: Value, { text: found, places, replacement = '' }: Shared): Value {
  let next = value;
  // From the last one on, so that the others stay where they are.
  for (const place of [...places].reverse()) {
    const text = textAt(next, place);
    const span = standing(text, found, place);
    if (span) next = put(next, place, text.slice(0, span.from) + replacement + text.slice(span.to));
  }
  return next;
}

function put(value: Value, { item, part = '' }: Place, text: string): Value {
  if (value.list) return { list: value.list.with(item, text) };
  if (value.rows) return { rows: value.rows.with(item, { ...value.rows[item], [part]: text }) };
  if (value.references)
    return {
      references: value.references.with(item, { ...value.references[item]!, [part]: text }),
    };
  return { text };
}
