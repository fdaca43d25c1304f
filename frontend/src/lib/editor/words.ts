import type { Form } from '$lib/api/types';

/** What people call a STIX type: the forms say it of those that are edited. */
export const typeWord = (forms: readonly Form[], type: string) =>
  forms.find((form) => form.type === type)?.type_word ??
  type.replace(/^x-mitre-/, '').replaceAll('-', ' ');

/** "a technique", "a group, malware, a tool or a campaign". */
export function oneOf(forms: readonly Form[], refers: string[]): string {
  if (!refers.length || !forms.length) return 'an object';
  const words = refers.map((type) => withArticle(typeWord(forms, type)));
  const last = words.pop() ?? '';
  return words.length ? `${words.join(', ')} or ${last}` : last;
}

const withArticle = (word: string) =>
  word === 'malware' ? word : `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;

/** The STIX type that an id names. */
export const typeOf = (id: string | undefined) => (id ?? '').split('--')[0] ?? '';
