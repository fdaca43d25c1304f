import type { Proposal } from '$lib/api/types';

const place = (user: string) => `atelier-opened:${user}`;
const MOST = 200;

function opened(user: string): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(place(user)) ?? '[]');
    return Array.isArray(list) ? list.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

/** Was I let into this draft, and have not opened it on this device? */
export const isNew = (user: string, { id, author }: Proposal) =>
  author !== user && !opened(user).includes(id);

/** Notes that a draft was opened on this device. */
export function open(user: string, { id, author }: Proposal) {
  if (author === user) return;
  const list = [id, ...opened(user).filter((one) => one !== id)].slice(0, MOST);
  try {
    localStorage.setItem(place(user), JSON.stringify(list));
  } catch {
    // The device is full; the draft is called new once more.
  }
}
