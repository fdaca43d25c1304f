import type { Card, Member, MemberCard, Proposal } from '$lib/api/types';
import { linked } from '$lib/object/address';

/** What a link leads to of which there is a card, and that link with what stays in the address. */
export interface Asked {
  kind: 'object' | 'proposal' | 'person';
  id: string;
  href: string;
}

/** What a card tells of. */
export type Found =
  | { kind: 'object'; card: Card }
  | { kind: 'proposal'; proposal: Proposal }
  | { kind: 'person'; member: Member; card: MemberCard };

const forms: [Asked['kind'], RegExp][] = [
  ['proposal', /^\/w\/[^/?#]+\/proposals\/([^/?#]+)(?:[?#].*)?$/],
  ['person', /^\/w\/[^/?#]+\/people#person-(.+)$/],
];

/** Is a link one to an object, a proposal or a person? */
export function leadsTo(href: string, tail: string): Asked | undefined {
  const object = linked(href, tail);
  if (object) return { kind: 'object', ...object };
  for (const [kind, form] of forms) {
    const id = form.exec(href)?.[1];
    if (id) return { kind, id, href };
  }
  return undefined;
}
