import type { Message } from '$lib/api/types';
import { fromSpace, upToSpace, type Mark, type Words } from './diff';

/** Words of a text that a thread is about, in UTF-16 units. */
export interface Span {
  thread: string;
  start: number;
  end: number;
}

/** A part of a comparison, as it is shown. */
export interface Piece {
  mark: Mark;
  text: string;
  /** Where it begins in the new text; none: it is not in it. */
  at?: number;
  /** The thread that is about it. */
  thread?: string;
}

/** Words that somebody chose to talk about. */
export interface Chosen {
  revision: number;
  quote: string;
  start: number;
}

/** What of a field is talked about, as far as a revision has it. */
export const spansIn = (messages: readonly Message[], field: string, revision: number): Span[] =>
  messages.flatMap(({ id, field: of, words, resolved }) =>
    words && of === field && words.revision === revision && !words.gone && !resolved
      ? [{ thread: id, start: words.start, end: words.end }]
      : [],
  );

/**
 * A comparison cut where threads begin and end. With around, long stretches of what stayed are left
 * out, but for that much beside a change, and for what is talked about.
 */
export function pieces(words: readonly Words[], spans: readonly Span[], around = 0): Piece[] {
  let at = 0;
  return words.flatMap((part, i): Piece[] => {
    if (part.mark === 'removed') return [part];
    const from = at;
    at += part.text.length;
    const all = cut(part.mark, part.text, from, spans);
    const long = around > 0 && part.mark === 'same' && part.text.length > 2 * around + 40;
    if (!long || all.some((piece) => piece.thread)) return all;
    const head = i === 0 ? '' : upToSpace(part.text.slice(0, around));
    const tail = i === words.length - 1 ? '' : fromSpace(part.text.slice(-around));
    return [
      { mark: part.mark, text: head, at: from },
      { mark: part.mark, text: head || tail ? ' … ' : '…' },
      { mark: part.mark, text: tail, at: at - tail.length },
    ].filter((piece) => piece.text);
  });
}

function cut(mark: Mark, text: string, from: number, spans: readonly Span[]): Piece[] {
  const end = from + text.length;
  const edges = spans.flatMap((span) => [span.start, span.end]).filter((n) => n > from && n < end);
  const stops = [...new Set([from, ...edges, end])].sort((a, b) => a - b);
  return stops.slice(0, -1).map((at, i) => {
    const to = stops[i + 1] ?? end;
    // Where several are about the same words, the one with the fewest counts.
    const [span] = spans
      .filter((one) => one.start <= at && one.end >= to)
      .sort((a, b) => a.end - a.start - (b.end - b.start));
    const piece = { mark, text: text.slice(at - from, to - from), at };
    return span ? { ...piece, thread: span.thread } : piece;
  });
}

/** Where words stand in a text; of several places the nth, counted from 0. */
export function placeIn(text: string, words: string, nth = 0): number {
  let at = text.indexOf(words);
  for (let n = 0; n < nth && at >= 0; n++) at = text.indexOf(words, at + 1);
  return at;
}

/** Where words that stand behind a text stand in another one: as often before as in it; -1: not at all. */
export function placeLike(text: string, words: string, before: string): number {
  const nth = before.split(words).length - 1;
  const at = placeIn(text, words, nth);
  return at < 0 ? placeIn(text, words) : at;
}

/** Words between two places of a text, without the space around them. */
export function wordsBetween(text: string, from: number, to: number) {
  const quote = text.slice(from, to);
  const start = from + quote.length - quote.trimStart().length;
  return { quote: quote.trim(), start };
}
