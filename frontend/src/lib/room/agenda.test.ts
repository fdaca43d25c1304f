import { describe, expect, test } from 'vitest';
import type { AgendaItem } from '$lib/api/types';
import { leftOf, meets, onNext, onNow } from './agenda';

const item = (title: string, starts_at: string, minutes: number): AgendaItem => ({
  id: title,
  title,
  notes: '',
  starts_at,
  minutes,
});
const agenda = [
  item('late', '11:00', 30),
  item('first', '09:00', 45),
  item('second', '09:45', 15),
  item('some time', '', 30),
];
const at = (clock: string) => new Date(`2026-11-28T${clock}:00`);

describe('the agenda by the clock', () => {
  test.each([
    ['08:59', undefined, 'first'],
    ['09:00', 'first', 'second'],
    ['09:44', 'first', 'second'],
    ['09:45', 'second', 'late'],
    ['10:00', undefined, 'late'],
    ['11:29', 'late', undefined],
    ['11:30', undefined, undefined],
  ])('at %s', (clock, now, next) => {
    expect(onNow(agenda, at(clock))?.title).toBe(now);
    expect(onNext(agenda, at(clock))?.title).toBe(next);
  });

  test('what is left of an item', () => {
    expect(leftOf(agenda[1]!, at('09:00'))).toBe(45);
    expect(leftOf(agenda[1]!, at('09:44'))).toBe(1);
  });

  test('a workshop meets on its days, by the clock on the wall', () => {
    const days = { starts_on: '2026-11-28', ends_on: '2026-11-29' };
    expect(meets(days, new Date(2026, 10, 28, 0, 0))).toBe(true);
    expect(meets(days, new Date(2026, 10, 29, 23, 59))).toBe(true);
    expect(meets(days, new Date(2026, 10, 27, 23, 59))).toBe(false);
    expect(meets(days, new Date(2026, 10, 30, 0, 0))).toBe(false);
  });
});
