import type { TextPart } from '$lib/api/types';
import { fold, wordsDiff, type Words } from '$lib/proposal/diff';

/** A piece of a text that two sides changed: what merged, or a place at which they meet. */
export interface Piece {
  place: boolean;
  words: Words[];
}

/** A text as it will read with one side, each place marked against what it was. */
export function pieces(
  parts: readonly TextPart[],
  side: 'ours' | 'theirs',
  whole: boolean,
): Piece[] {
  return parts.map((part, i) => {
    if (part.conflict) return { place: true, words: wordsDiff(part.base ?? '', part[side] ?? '') };
    const text: Words = { mark: 'same', text: part.text ?? '' };
    return { place: false, words: whole ? [text] : folded(text, i === 0, i === parts.length - 1) };
  });
}

/** Between two places the middle of a long text is left out, at either end its end. */
function folded(text: Words, first: boolean, last: boolean): Words[] {
  const edge: Words = { mark: 'added', text: '' };
  const around = [...(first ? [] : [edge]), text, ...(last ? [] : [edge])];
  return fold(around).filter((part) => part !== edge);
}

/** How many places somebody has to look at. */
export const places = (parts: readonly TextPart[]): number =>
  parts.filter((part) => part.conflict).length;
