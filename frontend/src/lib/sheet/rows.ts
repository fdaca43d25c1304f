import type { SheetRow } from '$lib/api/types';

/** Does the row keep the whole sheet from being made? */
export const failed = (row: Pick<SheetRow, 'checks'>): boolean =>
  row.checks.some((check) => check.level === 'error');
