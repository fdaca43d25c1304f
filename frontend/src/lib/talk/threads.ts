import type { Message } from '$lib/api/types';

/** An opening message with its replies, in their order. */
export interface Thread {
  id: string;
  opening: Message;
  replies: Message[];
}

/** The threads of messages that are in order; each stands where it was opened. */
export function threads(messages: readonly Message[]): Thread[] {
  const all = new Map<string, Thread>();
  for (const message of messages) {
    const known = all.get(message.thread);
    if (known) known.replies.push(message);
    else all.set(message.thread, { id: message.thread, opening: message, replies: [] });
  }
  return [...all.values()];
}

/** A text as a quote in Markdown, with room to answer behind it. */
export const quoted = (text: string): string =>
  `${text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')}\n\n`;

/** The part of a message that is selected, if all of the selection is in it. */
export function selectedIn(element: Element | null): string {
  const selection = getSelection();
  if (!element || !selection || selection.isCollapsed) return '';
  const inside = element.contains(selection.anchorNode) && element.contains(selection.focusNode);
  return inside ? selection.toString().trim() : '';
}
