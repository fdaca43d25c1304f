import type { Event, Message } from '$lib/api/types';

type Reacted = NonNullable<Event['data']['reaction']>;

/** The messages about an anchor after an event; each is there once, where it was posted. */
export function afterEvent(
  list: Message[],
  { data: { message, reaction, followed } }: Pick<Event, 'data'>,
  anchor: string,
): Message[] {
  if (message?.anchor === anchor) {
    const at = list.findIndex((one) => one.id === message.id);
    if (at >= 0) return list.with(at, message);
    return [...list, message].sort((a, b) => a.seq - b.seq);
  }
  if (reaction?.anchor === anchor)
    return list.map((one) => (one.id === reaction.message ? reactedTo(one, reaction) : one));
  const words = new Map(
    followed?.flatMap((one) => (one.anchor === anchor ? [[one.thread, one.words] as const] : [])),
  );
  if (!words.size) return list;
  return list.map((one) => (words.has(one.id) ? { ...one, words: words.get(one.id) } : one));
}

/** A message after somebody gave it a sign, or took it back; once more changes nothing. */
export function reactedTo(
  message: Message,
  { kind, user, on }: Pick<Reacted, 'kind' | 'user' | 'on'>,
): Message {
  const before = message.reactions ?? [];
  const users = (before.find((one) => one.kind === kind)?.users ?? []).filter(
    (one) => one !== user || on,
  );
  if (on && !users.includes(user)) users.push(user);
  const reactions = [
    ...before.filter((one) => one.kind !== kind),
    ...(users.length ? [{ kind, users }] : []),
  ].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  const { reactions: _, ...rest } = message;
  return reactions.length ? { ...rest, reactions } : rest;
}
