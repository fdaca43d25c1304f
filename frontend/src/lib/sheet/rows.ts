import type { SheetRow } from '$lib/api/types';

/** Does the row keep the whole sheet from being made? */
export const failed = (row: Pick<SheetRow, 'checks'>): boolean =>
  row.checks.some((check) => check.level === 'error');

/** "1 draft", "3 drafts". */
export const count = (n: number, word: string): string =>
  `${n.toLocaleString()} ${word}${n === 1 ? '' : 's'}`;
