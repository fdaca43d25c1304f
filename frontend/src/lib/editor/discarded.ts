import { put } from '$lib/api/client';
import type { Draft, Proposal } from '$lib/api/types';
import { begin, type Intent } from './start';
import { sendable, type Text } from './text';

/** A proposal that was taken back, with all that is needed to write it again. */
export interface Discarded extends Intent {
  title: string;
  text: Text;
}

const place = (user: string, workshop: string) => `atelier-discarded:${user}:${workshop}`;

/** Keeps the last proposal that was taken back, on this device. */
export function remember(user: string, proposal: Proposal, text: Text) {
  const { kind, title, workshop, action } = proposal;
  // What changes an object has to name it anew; all else names it in its content.
  const object = action !== 'add' ? proposal.object.stix_id : '';
  const kept: Discarded = { kind, object, title, text: sendable(text) };
  try {
    localStorage.setItem(place(user, workshop), JSON.stringify(kept));
  } catch {
    // The device is full; the page does not offer a way back then.
  }
}

export function recall(user: string, workshop: string): Discarded | undefined {
  try {
    return JSON.parse(localStorage.getItem(place(user, workshop)) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

export const forget = (user: string, workshop: string) =>
  localStorage.removeItem(place(user, workshop));

/** Makes a new draft of what was taken back. */
export async function bringBack(workshop: string, { text, ...intent }: Discarded): Promise<Draft> {
  const { proposal, version } = await begin(workshop, intent, text.content);
  return put(`/workshops/${workshop}/proposals/${proposal.id}/draft`, { version, ...text });
}
