import type { Event } from '$lib/api/types';

const words: Record<string, string> = {
  'workshop.created': 'opened the workshop',
  'workshop.updated': 'changed the workshop',
  'member.joined': 'joined',
  'member.changed': 'changed the roles of',
  'proposal.submitted': 'submitted',
  'proposal.withdrawn': 'withdrew',
  'review.started': 'began to review',
  'review.changes_requested': 'asked for changes to',
  'review.approved': 'approved',
  'review.rejected': 'rejected',
  'message.posted': 'wrote',
  'release.opened': 'opened the release',
  'release.changed': 'changed the release',
  'release.published': 'published the release',
};

export interface Line {
  verb: string;
  what: string;
  href: string;
}

/** One line of the feed: what was done, to what, and where to see it. */
export function line(event: Event): Line {
  const { proposal, release, message, member } = event.data;
  const base = `/w/${event.workshop}`;
  const verb = words[event.kind] ?? event.kind;
  if (proposal)
    return {
      verb,
      what: `#${proposal.number} ${proposal.title}`,
      href: `${base}/proposals/${proposal.id}`,
    };
  if (release) return { verb, what: release.name, href: `${base}/releases/${release.id}` };
  if (message) {
    const [type, id] = message.anchor.split(':');
    return {
      verb,
      what: `“${message.body.length > 120 ? `${message.body.slice(0, 119)}…` : message.body}”`,
      href: type === 'proposal' ? `${base}/proposals/${id}` : '',
    };
  }
  if (member && event.kind === 'member.changed') return { verb, what: member.user.name, href: '' };
  return { verb, what: '', href: '' };
}
