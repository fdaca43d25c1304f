import { post } from '$lib/api/client';
import type { Desk, Message } from '$lib/api/types';
import { toasts } from '$lib/toasts.svelte';
import { tried } from './do';

const LONGEST = 200;

/** The words of a message in one line, as they are parked. */
export function topicOf(html: string): string {
  // The server rendered and sanitized it; as text it has no elements at all.
  const text = new DOMParser().parseFromString(html, 'text/html').body.textContent;
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** Puts a message into the parking lot. */
export async function park(workshop: string, { id, html }: Message) {
  const topic = { text: topicOf(html), message: id };
  if (await tried(post(`/workshops/${workshop}/desk/parked`, topic))) toasts.good('Parked.');
}

/** What the facilitator has set for the discussion; empty where it is as usual. */
export function limitsOf({ slow, length }: Desk['rules']): string {
  const said = [
    slow && `one message in ${String(slow)} seconds from each but facilitators`,
    length && `${String(length)} characters at most`,
  ].filter(Boolean);
  return said.length ? `For all: ${said.join(', ')}.` : '';
}
