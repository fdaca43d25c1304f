import type { Check } from '$lib/api/types';

/** How a field stands: what was found in it, and what its input says to assistive technology. */
export interface Marks {
  shown: Check[];
  invalid: boolean;
  describedby: string;
}

/**
 * What is missing is no error yet while a person has not come to it: it is shown once the field
 * was left, or submitting was tried.
 */
export function marksOf(name: string, checks: Check[], urgent: boolean): Marks {
  const shown = checks.filter((c) => c.field === name && (urgent || c.code !== 'required'));
  return {
    shown,
    invalid: shown.some((c) => c.level === 'error'),
    describedby: `help-${name}${shown.length ? ` checks-${name}` : ''}`,
  };
}
