import type { Interest, Meeting, Proposal } from '$lib/api/types';

type InCommon = Meeting['reasons'][number];

export interface Said {
  text: string;
  /** What it is about, with a page of its own. */
  label: string;
  href: string;
}

/** A reason to talk to somebody as a sentence, with a link to what it is about. */
export function reason(one: InCommon, workshop: string, proposals: readonly Proposal[]): Said {
  const [type, id = ''] = one.about.split(/:(.*)/s);
  const about = proposals.find((proposal) => proposal.id === id);
  const proposal = about && {
    label: `#${about.number} ${about.title}`,
    href: `/w/${workshop}/proposals/${id}`,
  };
  const object = { label: one.label || id, href: `/objects/${id}` };
  switch (one.kind) {
    case 'interest':
      return { text: 'Both of you care about', label: one.label, href: '' };
    case 'proposal':
      return { text: 'Both of you had a part in', ...(proposal ?? { label: one.label, href: '' }) };
    case 'object':
      return { text: 'Both of you proposed something for', ...object };
    case 'thread':
      if (proposal) return { text: 'Both of you wrote about', ...proposal };
      if (type === 'object') return { text: 'Both of you wrote about', ...object };
      if (type !== 'thread')
        return { text: 'Both of you wrote in one thread', label: '', href: '' };
      return {
        text: 'Both of you wrote in',
        label: 'one thread of the room',
        href: `/w/${workshop}#message-${id}`,
      };
  }
}

/** Does what somebody says of themselves, or their name, have the words that are looked for? */
export function fits(
  words: string,
  person: { name: string; organisation: string },
  card?: { offers: string; seeks: string; interests: readonly Interest[] },
): boolean {
  const text = [
    person.name,
    person.organisation,
    card?.offers,
    card?.seeks,
    ...(card?.interests.map((one) => one.label ?? one.value) ?? []),
  ]
    .join(' ')
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
