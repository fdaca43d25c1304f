import { describe, expect, it } from 'vitest';
import { digits, leftOf, partOf } from './time';

const clock = { item: 'i', title: 'Tea', started_at: '2026-01-01T10:00:00Z', minutes: 20 };
const at = (time: string) => new Date(`2026-01-01T${time}Z`);

describe('the clock of an item', () => {
  it('says what is left, and how long it is over', () => {
    expect([leftOf(clock, at('10:05:30')), leftOf(clock, at('10:21:00'))]).toEqual([870, -60]);
    expect([partOf(clock, at('10:05:00')), partOf(clock, at('12:00:00'))]).toEqual([0.25, 1]);
  });
  it('is read as minutes and seconds', () => {
    expect([0, 65, -65, 3600].map(digits)).toEqual(['0:00', '1:05', '1:05', '1:00:00']);
  });
});
