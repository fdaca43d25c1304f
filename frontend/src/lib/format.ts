/** Makes something when it is first asked for: to format a date takes a browser long to prepare. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
const day = once(
  () => new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' }),
);
const clock = once(
  () => new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }),
);
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 minutes ago". */
export function ago(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  for (const [unit, size] of steps)
    if (Math.abs(seconds) >= size)
      return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(
        Math.round(seconds / size),
        unit,
      );
  return 'just now';
}

/** A moment, or the beginning of a day where I am: a day without a time is the same day everywhere. */
const moment = (at: string) => new Date(/^\d{4}-\d\d-\d\d$/.test(at) ? `${at}T00:00` : at);

export const date = (at: string) => (at ? day().format(moment(at)) : '');
export const time = (at: string) => clock().format(new Date(at));

/** The time of today, or the day and the time. */
export function when(at: string, now = new Date()): string {
  if (!at) return '';
  const then = new Date(at);
  return then.toDateString() === now.toDateString() ? time(at) : `${date(at)}, ${time(at)}`;
}

/** "18 – 20 Nov 2026", or one day. */
export function span(from: string, to: string): string {
  if (!from) return '';
  return from === to || !to ? date(from) : day().formatRange(moment(from), moment(to));
}

/** "1 draft", "3 drafts". */
export const count = (n: number, word: string): string =>
  `${n.toLocaleString()} ${word}${n === 1 ? '' : 's'}`;

/** The first letters of a name, for where it has no room. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((one) => [...(one ?? '')][0])
    .join('');
}
