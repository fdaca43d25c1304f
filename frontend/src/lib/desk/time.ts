import type { Clock } from '$lib/api/types';

/** The seconds that are left of what is running; below zero it is over time. */
export const leftOf = ({ started_at, minutes }: Clock, now: Date): number =>
  Math.round((Date.parse(started_at) + minutes * 60_000 - now.getTime()) / 1000);

/** "12:05", "1:00:00"; the sign is told by the words around it. */
export function digits(seconds: number): string {
  const all = Math.abs(seconds);
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h ? `${String(h)}:${two(m)}:${two(s)}` : `${String(m)}:${two(s)}`;
}

/** How much of it is over, from 0 to 1. */
export const partOf = (clock: Clock, now: Date): number =>
  Math.min(1, Math.max(0, 1 - leftOf(clock, now) / (clock.minutes * 60 || 1)));
