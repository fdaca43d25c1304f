/**
 * Where an arrow key leads from a cell: up and down along the column, left and right to the
 * neighbour at about the same height. Right unfolds a folded technique, left folds an open one.
 */
export function walk(grid: HTMLElement, from: HTMLElement, key: string): HTMLElement | undefined {
  const column = from.closest<HTMLElement>('[data-column]');
  if (!column) return undefined;
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    const cells = [...column.querySelectorAll<HTMLElement>('a, button')];
    return cells[cells.indexOf(from) + (key === 'ArrowDown' ? 1 : -1)];
  }
  const right = key === 'ArrowRight';
  const fold = from
    .closest('[data-cell]')
    ?.querySelector<HTMLElement>(`button[aria-expanded="${right ? 'false' : 'true'}"]`);
  if (fold && fold !== from) {
    fold.click();
    return from;
  }
  const all = [...grid.querySelectorAll<HTMLElement>('[data-column]')];
  return nearest(all[all.indexOf(column) + (right ? 1 : -1)], from.getBoundingClientRect().top);
}

function nearest(column: HTMLElement | undefined, top: number): HTMLElement | undefined {
  const away = (a: HTMLElement) => Math.abs(a.getBoundingClientRect().top - top);
  return [...(column?.querySelectorAll<HTMLElement>('a') ?? [])].sort(
    (a, b) => away(a) - away(b),
  )[0];
}
