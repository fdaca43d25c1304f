import type { Notice } from '$lib/api/types';

export interface Group {
  workshop: string;
  name: string;
  unread: number;
  items: Notice[];
}

/** Notices by workshop: first those with the latest that is not read, and in each what is not read first. */
export function byWorkshop(items: readonly Notice[]): Group[] {
  const groups = new Map<string, Group>();
  const first = [...items].sort(
    (a, b) => Number(b.unread) - Number(a.unread) || Date.parse(b.at) - Date.parse(a.at),
  );
  for (const item of first) {
    const { workshop, workshop_name: name } = item;
    const group = groups.get(workshop) ?? { workshop, name, unread: 0, items: [] };
    groups.set(workshop, group);
    group.items.push(item);
    if (item.unread) group.unread++;
  }
  return [...groups.values()];
}
