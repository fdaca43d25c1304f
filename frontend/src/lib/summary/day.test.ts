import { describe, expect, it } from 'vitest';
import { boundsOf, dayOf } from './day';

describe('a day', () => {
  it('begins and ends at midnight where I am', () => {
    const { from, to } = boundsOf('2026-12-31');
    expect([dayOf(new Date(from)), dayOf(new Date(to))]).toEqual(['2026-12-31', '2027-01-01']);
    expect(new Date(from).getHours()).toBe(0);
  });
});
