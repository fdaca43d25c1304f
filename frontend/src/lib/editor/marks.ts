import type { Check } from '$lib/api/types';

/** How a field stands: what was found in it, and what its input says to assistive technology. */
export interface Marks {
  shown: Check[];
  invalid: boolean;
  describedby: string;
}

/**
 * What is missing is no error while a person is still writing: it is shown beside its field once
 * submitting was tried. Similar names have a place of their own.
 */
export function marksOf(name: string, checks: Check[], urgent: boolean): Marks {
  const shown = checks.filter(
    (c) => c.field === name && (urgent || c.code !== 'required') && c.code !== 'similar_name',
  );
  return {
    shown,
    invalid: shown.some((c) => c.level === 'error'),
    describedby: `help-${name}${shown.length ? ` checks-${name}` : ''}`,
  };
}
