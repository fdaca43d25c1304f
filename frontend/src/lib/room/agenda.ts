import type { AgendaItem } from '$lib/api/types';

/** The item that is on at this minute of the day, or nothing between and around them. */
export function onNow(agenda: AgendaItem[], now: Date): AgendaItem | undefined {
  const minute = now.getHours() * 60 + now.getMinutes();
  return agenda.find((item) => {
    const [hour, min] = (item.starts_at ?? '').split(':').map(Number);
    if (hour === undefined || min === undefined || Number.isNaN(hour + min)) return false;
    const start = hour * 60 + min;
    return minute >= start && minute < start + (item.minutes ?? 0);
  });
}
