import type { Credit, Form, Naming, User } from '$lib/api/types';

const deeds: Record<string, string> = {
  wrote: 'wrote it',
  suggested: 'suggested text',
  reviewed: 'reviewed it',
  helped: 'helped',
};

/** What somebody did for a proposal, as a few words. */
export const didSaid = (credit: Pick<Credit, 'did'>): string =>
  credit.did.map((deed) => deeds[deed] ?? deed).join(', ');

/** How a person would most likely be named: their name and where they work. */
export const usual = ({ name, organisation }: User): string =>
  [name, organisation].filter(Boolean).join(', ');

/** Whether somebody is named, as a sentence about them, or about me. */
export function namedSaid(credit: Credit, mine: boolean, closed = false): string {
  if (credit.answer === 'named') return `${mine ? 'You are named' : 'Named'} as ${credit.named_as}`;
  if (credit.answer === 'unnamed' || closed) return mine ? 'You are not named' : 'Not named';
  return mine ? 'You are not named until you agree' : 'Not named: has not answered';
}

/** The names that a text has of its own, beside those of the object that it starts from. */
export const brought = (before: readonly string[], after: readonly string[]): string[] =>
  after.filter((name) => !before.includes(name));

/** What is sent: a form only where somebody agrees. */
export const naming = (agree: boolean, as: string): Naming => ({
  answer: agree ? 'named' : 'unnamed',
  named_as: agree ? as.trim() : '',
});

/** Does what such a proposal makes or changes name contributors in ATT&CK? Relationships do not. */
export const names = (form: Form | undefined): boolean =>
  !!form && (form.action === 'several' || form.fields.some((one) => one.name === 'contributors'));
