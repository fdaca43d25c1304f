import type { Event, Message, Proposal } from '$lib/api/types';

const words: Record<string, string> = {
  'workshop.created': 'opened the workshop',
  'workshop.updated': 'changed the workshop',
  'invitation.renewed': 'made a new join code',
  'member.joined': 'joined',
  'member.changed': 'changed the roles of',
  'member.renamed': 'has a new name or organisation',
  'proposal.submitted': 'submitted',
  'proposal.withdrawn': 'withdrew',
  'proposal.upgraded': 'took over what ATT&CK changed into',
  'proposal.explained': 'said why something may stand in',
  'proposal.authors': 'changed who writes in',
  'proposal.credited': 'said who is named in',
  'proposals.credited': 'said how to be named in',
  'suggestion.made': 'suggested another text for',
  'suggestion.taken': 'took a suggestion into',
  'suggestion.declined': 'declined a suggestion for',
  'suggestion.dropped': 'took a suggestion back from',
  'suggestion.undone': 'put the text back in',
  'proposals.moved': 'has a new state, which moved',
  'review.started': 'began to review',
  'review.changes_requested': 'asked for changes to',
  'review.approved': 'approved',
  'review.rejected': 'rejected',
  'message.posted': 'wrote',
  'poll.made': 'prepared the question',
  'poll.opened': 'asks',
  'poll.voted': 'voted',
  'poll.restarted': 'asks again, for the server was restarted',
  'poll.closed': 'closed the poll',
  'thread.resolved': 'resolved a thread on',
  'thread.reopened': 'reopened a thread on',
  'thread.blocked': 'holds up, with a thread,',
  'thread.unblocked': 'lets go on, whatever a thread says,',
  'message.edited': 'edited a message',
  'message.deleted': 'deleted a message',
  'release.opened': 'opened the release',
  'release.changed': 'changed the release',
  'release.published': 'published the release',
};

/** Is it worth a line? Who votes is seen at the poll, and would push all else out. */
export const tells = (event: Event): boolean => event.kind !== 'poll.voted';

export interface Line {
  verb: string;
  what: string;
  href: string;
  /** What was said, if it was a message. */
  quote: string;
}

/**
 * One line of the feed: what was done, to what, and where to see it. plain gives the words of a
 * message without its Markdown.
 */
export function line(
  event: Event,
  proposals: readonly Proposal[] = [],
  plain: (message: Message) => string = (message) => message.body,
): Line {
  const { proposal, proposals: several, release, message, member, poll } = event.data;
  const base = `/w/${event.workshop}`;
  const verb = words[event.kind] ?? event.kind;
  const none = { verb, what: '', href: '', quote: '' };
  if (proposal) {
    const again = event.kind === 'proposal.submitted' && proposal.revision > 1;
    return {
      ...none,
      verb: again ? `submitted revision ${proposal.revision} of` : verb,
      what: title(proposal),
      href: `${base}/proposals/${proposal.id}${message ? `#message-${message.id}` : ''}`,
    };
  }
  if (several && !release) {
    const what = several.length === 1 ? title(several[0]!) : `${several.length} proposals`;
    return { ...none, what, href: event.kind === 'proposals.moved' ? `${base}/upgrade` : '' };
  }
  if (release) return { ...none, what: release.name, href: `${base}/releases/${release.id}` };
  if (message) {
    const about = proposals.find((one) => message.anchor === `proposal:${one.id}`);
    const done =
      event.kind === 'message.posted' && message.deleted ? 'wrote a message (deleted since)' : verb;
    const quote = message.deleted ? '' : `“${short(plain(message))}”`;
    if (!about) return { ...none, verb: done, quote };
    const href = `${base}/proposals/${about.id}#message-${message.id}`;
    return { verb: `${done} on`, what: title(about), href, quote };
  }
  if (poll) return { ...none, what: poll.question, href: `${base}#poll-${poll.id}` };
  if (member && event.kind === 'member.changed') return { ...none, what: member.user.name };
  return none;
}

const title = (proposal: Proposal) => `#${proposal.number} ${proposal.title}`;
const short = (text: string) => (text.length > 120 ? `${text.slice(0, 119)}…` : text);
