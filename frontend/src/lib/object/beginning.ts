import { get } from '$lib/api/client';
import type { ObjectPage } from '$lib/api/types';
import { FIRST } from './filter';

const ask = (id: string, at: string, first?: number) =>
  get(`/objects/${encodeURIComponent(id)}`, { at: Number(at) || undefined, first });

/** An object's page with all that belongs to it. */
export const wholeOf = (id: string, at: string): Promise<ObjectPage> => ask(id, at);

/** Does something of a page wait on the server? */
export const isCut = ({ sections }: ObjectPage) =>
  sections.some((one) => one.items.length < one.total);

/**
 * An object's page as far as it is drawn at first, which for what hundreds use is a sixth of it; all
 * of it where the address leads to a place in it, or asks for more.
 */
export async function beginningOf(id: string, at: string, url: URL): Promise<ObjectPage> {
  const begun = await ask(id, at, FIRST);
  const asksForMore = url.hash || url.searchParams.has('all') || url.searchParams.has('filter');
  return asksForMore && isCut(begun) ? wholeOf(id, at) : begun;
}
