/** Columns that show nothing are left out on a phone. */
const columnsOf = (grid: HTMLElement) =>
  [...grid.querySelectorAll<HTMLElement>('[data-column]')].filter((one) => one.offsetWidth > 0);

/** The keys that lead from cell to cell. */
export const WALKS = /^(Arrow(Up|Down|Left|Right)|Home|End|PageUp|PageDown)$/;

/**
 * Where a key leads from a cell: up and down along the column, left and right to the neighbour at
 * about the same height, Home and End to the ends of the column, with Ctrl to the first and the last
 * column, and a page up or down as far as the window shows. Right unfolds a folded technique, left
 * folds an open one.
 */
export function walk(
  grid: HTMLElement,
  from: HTMLElement,
  { key, ctrlKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey'>,
): HTMLElement | undefined {
  const column = from.closest<HTMLElement>('[data-column]');
  if (!column) return undefined;
  if (key === 'ArrowLeft' || key === 'ArrowRight') return aside(grid, column, from, key);
  const ends = key === 'Home' || key === 'End';
  const columns = columnsOf(grid);
  const within = ends && ctrlKey ? columns.at(key === 'Home' ? 0 : -1) : column;
  const cells = [...(within?.querySelectorAll<HTMLElement>('a') ?? [])];
  if (ends) return cells.at(key === 'Home' ? 0 : -1);
  const at = cells.indexOf(from);
  const last = cells.length - 1;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[key];
  if (to !== undefined) return cells[to];
  const page = key === 'PageDown' ? grid.clientHeight : -grid.clientHeight;
  const wanted = from.getBoundingClientRect().top + page * 0.8;
  const steps = cells.findIndex((cell) => cell.getBoundingClientRect().top >= wanted);
  const near = steps < 0 ? last : steps;
  return cells[near === at ? Math.min(Math.max(at + Math.sign(page), 0), last) : near];
}

function aside(grid: HTMLElement, column: HTMLElement, from: HTMLElement, key: string) {
  const right = key === 'ArrowRight';
  const fold = from
    .closest('[data-cell]')
    ?.querySelector<HTMLElement>(`button[aria-expanded="${right ? 'false' : 'true'}"]`);
  if (fold) {
    fold.click();
    return from;
  }
  const all = columnsOf(grid);
  const next = all[all.indexOf(column) + (right ? 1 : -1)];
  const top = from.getBoundingClientRect().top;
  const away = (a: HTMLElement) => Math.abs(a.getBoundingClientRect().top - top);
  return [...(next?.querySelectorAll<HTMLElement>('a') ?? [])].sort((a, b) => away(a) - away(b))[0];
}
