import type { Event, Message, Proposal } from '$lib/api/types';
import { placeOf } from '$lib/editor/said';

const words: Record<string, string> = {
  'workshop.created': 'opened the workshop',
  'workshop.updated': 'changed the workshop',
  'invitation.renewed': 'made a new join code',
  'member.joined': 'joined',
  'member.changed': 'changed the roles of',
  'member.removed': 'removed',
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
  'desk.spotlight': 'shows',
  'desk.clock': 'began',
  'desk.parked': 'parked',
  'desk.settled': 'took up',
  'desk.reading': 'has all read',
  'desk.reading_ended': 'ended the quiet',
  'desk.writing': 'has all write in quiet:',
  'desk.shown': 'showed what all wrote:',
  'desk.writing_ended': 'cleared the table',
  'desk.groups': 'made breakout groups',
  'desk.groups_ended': 'brought all together again',
  'moderation.hidden': 'hid a message',
  'moderation.rules': 'changed the rules of the discussion',
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

// Who votes, reads, raises a hand is seen where it happens, and would push all else out.
const QUIET = [
  'poll.voted',
  'message.reacted',
  'thread.followed',
  'desk.hand',
  'desk.word',
  'desk.read',
  'desk.written',
  'desk.group',
  'card.changed',
];

/** Is it worth a line? */
export const tells = (event: Event): boolean => !QUIET.includes(event.kind);

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
    const href = placeOf(event.workshop, { ...message, message: message.id });
    if (message.label) return { ...none, verb: `${done} on`, what: message.label, href, quote };
    if (!about) return { ...none, verb: done, quote };
    return { verb: `${done} on`, what: title(about), href, quote };
  }
  const at = deskLine(event, none);
  if (at) return at;
  if (poll) return { ...none, what: poll.question, href: `${base}#poll-${poll.id}` };
  if (member && ['member.changed', 'member.removed'].includes(event.kind))
    return { ...none, what: member.user.name };
  return none;
}

/** Where something is that can be shown to all: proposal:ID or object:ID. */
export function place(on: string, workshop: string): string {
  const [kind, id = ''] = on.split(':', 2);
  return kind === 'object' ? `/objects/${id}?w=${workshop}` : `/w/${workshop}/proposals/${id}`;
}

function deskLine({ kind, workshop, data: { desk, topic } }: Event, none: Line): Line | undefined {
  if (topic) {
    const verb = kind === 'desk.settled' && !topic.done ? 'put back' : none.verb;
    return { ...none, verb, quote: `“${short(topic.text)}”` };
  }
  if (!desk) return undefined;
  const shown = desk.spotlight ?? desk.reading;
  if (shown) return { ...none, what: shown.label, href: place(shown.on, workshop) };
  if (kind === 'desk.spotlight') return { ...none, verb: 'took the spotlight away' };
  if (kind === 'desk.clock')
    return desk.clock
      ? { ...none, what: `${desk.clock.title}, ${String(desk.clock.minutes)} minutes` }
      : { ...none, verb: 'stopped the clock' };
  if (desk.writing) return { ...none, what: desk.writing.question };
  return none;
}

const title = (proposal: Proposal) => `#${proposal.number} ${proposal.title}`;
const short = (text: string) => (text.length > 120 ? `${text.slice(0, 119)}…` : text);
