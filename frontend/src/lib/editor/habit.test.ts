import { describe, expect, test } from 'vitest';
import type { Field } from '$lib/api/types';
import { others, type Habit } from './habit';

const field = (kind: Field['kind']): Field => ({
  name: 'field',
  label: 'Field',
  help: '',
  kind,
  required: false,
  columns: [],
  options: [],
  refers: [],
});
const habit = (filled: number, low: number, high: number): Habit => ({
  type: 'attack-pattern',
  field: 'field',
  of: 1000,
  filled,
  low,
  high,
});

describe('what others did', () => {
  test.each([
    ['markdown', 1000, 700, 2600, 'Most of 1,000 have 700 to 2,600 characters.'],
    ['line', 950, 12, 40, ''],
    ['list', 1000, 1, 3, 'Most of 1,000 have 1 to 3.'],
    ['references', 600, 1, 1, '600 of 1,000 have it, most of them 1.'],
    ['list', 0, 0, 0, ''],
    ['day', 1000, 10, 10, ''],
    ['flag', 1000, 4, 4, ''],
  ] as const)('%s', (kind, filled, low, high, said) => {
    expect(others(field(kind), habit(filled, low, high))).toBe(said);
  });

  test('names have a length, and nothing is said where there are no others', () => {
    const name = { ...field('line'), name: 'name' };
    expect(others(name, habit(950, 12, 40))).toBe('Most of 1,000 have 12 to 40 characters.');
    expect(others(name, undefined)).toBe('');
  });
});
