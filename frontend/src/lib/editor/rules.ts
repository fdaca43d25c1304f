import { get } from '$lib/api/client';
import type { Rule } from '$lib/api/types';

let asked: Promise<Rule[]> | undefined;

/** The rule of a finding, with why it is there. The list is read once; a failure is tried anew. */
export async function ruleOf(code: string): Promise<Rule | undefined> {
  asked ??= get('/checks').then((rules) => rules ?? []);
  try {
    return (await asked).find((rule) => rule.id === code);
  } catch (cause) {
    asked = undefined;
    throw cause;
  }
}
