import type { Field, Vocabulary } from '$lib/api/types';

export type Habit = Vocabulary['habits'][number];

/** What the objects of a type have in a field, if there are any. */
export const habitOf = ({ habits }: Vocabulary, type: string, field: string): Habit | undefined =>
  habits.find((one) => one.type === type && one.field === field);

const LISTS = ['list', 'objects', 'references', 'rows'];

/** Says in a sentence what others did; empty where it would help nobody. */
export function others(field: Field, habit: Habit | undefined): string {
  if (!habit?.filled || habit.of < 3) return '';
  const { of, filled, low, high } = habit;
  const text = field.kind === 'markdown' || field.name === 'name';
  if (!text && !LISTS.includes(field.kind)) return '';
  const range =
    low === high
      ? low.toLocaleString('en')
      : `${low.toLocaleString('en')} to ${high.toLocaleString('en')}`;
  const unit = text ? ' characters' : '';
  const all = of.toLocaleString('en');
  // What nearly all have needs no count of those who do.
  return filled > 0.9 * of
    ? `Most of ${all} have ${range}${unit}.`
    : `${filled.toLocaleString('en')} of ${all} have it, most of them ${range}${unit}.`;
}
