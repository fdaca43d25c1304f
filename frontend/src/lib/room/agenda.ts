import type { AgendaItem, Workshop } from '$lib/api/types';

/** Whether a workshop meets on this day. */
export function meets({ starts_on, ends_on }: Pick<Workshop, 'starts_on' | 'ends_on'>, now: Date) {
  const day = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
  return day >= starts_on && day <= ends_on;
}

/** The item that is on at this minute of the day, or nothing between and around them. */
export function onNow(agenda: AgendaItem[], now: Date): AgendaItem | undefined {
  const minute = minuteOf(now);
  return agenda.find((item) => {
    const start = startOf(item);
    return start !== undefined && minute >= start && minute < start + (item.minutes ?? 0);
  });
}

/** The item that begins next today. */
export function onNext(agenda: AgendaItem[], now: Date): AgendaItem | undefined {
  const minute = minuteOf(now);
  return agenda
    .filter((item) => (startOf(item) ?? -1) > minute)
    .sort((a, b) => (startOf(a) ?? 0) - (startOf(b) ?? 0))[0];
}

/** How many minutes are left of an item that is on. */
export const leftOf = (item: AgendaItem, now: Date): number =>
  (startOf(item) ?? 0) + (item.minutes ?? 0) - minuteOf(now);

const minuteOf = (now: Date) => now.getHours() * 60 + now.getMinutes();

/** The minute of the day at which an item begins, if it says so. */
function startOf(item: AgendaItem): number | undefined {
  const [hour, minute] = (item.starts_at ?? '').split(':').map(Number);
  if (hour === undefined || minute === undefined || Number.isNaN(hour + minute)) return undefined;
  return hour * 60 + minute;
}
