import { diffWordsWithSpace } from 'diff';

/** A link, quote or paper that an object cites. */
export interface Ref {
  source_name: string;
  description: string;
  url: string;
}
export interface FieldValue {
  text?: string;
  list?: string[] | null;
  references?: Ref[] | null;
  rows?: Record<string, string>[] | null;
}
export type Mark = 'same' | 'added' | 'removed';
export interface Words {
  mark: Mark;
  text: string;
}
export interface Item {
  mark: Mark;
  value: string;
}
export interface RefChange {
  mark: Mark | 'changed';
  ref: Ref;
  before?: Ref;
}

// Above this a comparison word by word takes long and reads worse than the two texts.
const LONG = 40_000;

/** Two texts as one, with the words that went and came. */
export function wordsDiff(before: string, after: string): Words[] {
  if (before === after) return after ? [{ mark: 'same', text: after }] : [];
  const whole = [
    { mark: 'removed' as const, text: before },
    { mark: 'added' as const, text: after },
  ].filter((part) => part.text);
  if (!before || !after || before.length + after.length > LONG) return whole;
  return diffWordsWithSpace(before, after).map((part) => ({
    mark: part.added ? 'added' : part.removed ? 'removed' : 'same',
    text: part.value,
  }));
}

/** Two sets as one: what stays and what came in the order of the new one, then what went. */
export function listDiff(before: readonly string[], after: readonly string[]): Item[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...after.map((value): Item => ({ value, mark: old.has(value) ? 'same' : 'added' })),
    ...before.filter((value) => !now.has(value)).map((value): Item => ({ value, mark: 'removed' })),
  ];
}

/** References by the name that texts cite them with. */
export function refsDiff(before: readonly Ref[], after: readonly Ref[]): RefChange[] {
  const old = new Map(before.map((ref) => [ref.source_name, ref]));
  const now = new Set(after.map((ref) => ref.source_name));
  return [
    ...after.map((ref): RefChange => {
      const was = old.get(ref.source_name);
      if (!was) return { mark: 'added', ref };
      const same = was.description === ref.description && was.url === ref.url;
      return same ? { mark: 'same', ref } : { mark: 'changed', ref, before: was };
    }),
    ...before
      .filter((ref) => !now.has(ref.source_name))
      .map((ref): RefChange => ({ mark: 'removed', ref })),
  ];
}

/** How much of what stayed is shown beside a change. */
export const AROUND = 160;

/** Leaves out the long unchanged stretches; what was left out can be shown on demand. */
export function fold(words: Words[], around = AROUND): Words[] {
  return words.flatMap((part, i): Words[] => {
    if (part.mark !== 'same' || part.text.length <= 2 * around + 40) return [part];
    const head = i === 0 ? '' : upToSpace(part.text.slice(0, around));
    const tail = i === words.length - 1 ? '' : fromSpace(part.text.slice(-around));
    return [{ mark: 'same', text: `${head} … ${tail}`.trim() === '…' ? '…' : `${head} … ${tail}` }];
  });
}

export const upToSpace = (text: string) => text.replace(/\s+\S*$/, '');
export const fromSpace = (text: string) => text.replace(/^\S*\s+/, '');

/** Do two values of a field say the same? */
export const sameValue = (a: FieldValue | null | undefined, b: FieldValue | null | undefined) =>
  JSON.stringify([a?.text ?? '', a?.list ?? [], a?.references ?? [], a?.rows ?? []]) ===
  JSON.stringify([b?.text ?? '', b?.list ?? [], b?.references ?? [], b?.rows ?? []]);
