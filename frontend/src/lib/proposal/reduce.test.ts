import { describe, expect, it } from 'vitest';
import type {
  Event,
  EventData,
  Message,
  Proposal,
  ProposalPage,
  RevisionContent,
} from '$lib/api/types';
import { against, applyToPage } from './reduce';

const content = (number: number, text = '') =>
  ({
    number,
    at: `2026-01-0${number}T00:00:00.000Z`,
    checks: [],
    fields: [{ field: { name: 'description' }, before: null, after: { text }, changed: true }],
  }) as unknown as RevisionContent;
const proposal = (over: Partial<Proposal>) =>
  ({
    id: 'p',
    number: 3,
    state: 'submitted',
    revision: 1,
    rationale: 'why',
    reviews: [],
    ...over,
  }) as Proposal;
const page: ProposalPage = {
  seq: 5,
  proposal: proposal({ content: content(1) }),
  revisions: [{ number: 1, at: content(1).at, rationale: 'why' }],
  messages: [],
};
const event = (seq: number, kind: string, data: EventData): Event => ({
  seq,
  workshop: 'w',
  actor: 'u',
  kind,
  at: '2026-01-09T00:00:00.000Z',
  data,
});

describe('applyToPage', () => {
  it('takes a new revision with its content', () => {
    const revised = proposal({ revision: 2, rationale: 'better', content: content(2) });
    const next = applyToPage(page, event(6, 'proposal.submitted', { proposal: revised }));
    expect(next).toEqual({
      ...page,
      seq: 6,
      proposal: revised,
      revisions: [...page.revisions, { number: 2, at: content(2).at, rationale: 'better' }],
    });
  });
  for (const [kind, state] of [
    ['review.started', 'in_review'],
    ['review.changes_requested', 'changes_requested'],
    ['review.approved', 'accepted'],
    ['review.rejected', 'rejected'],
    ['proposal.withdrawn', 'withdrawn'],
  ] as const)
    it(`takes ${kind} and keeps the content that the event leaves out`, () => {
      const next = applyToPage(page, event(6, kind, { proposal: proposal({ state }) }));
      expect(next).toEqual({
        ...page,
        seq: 6,
        proposal: proposal({ state, content: page.proposal.content }),
      });
    });
  for (const kind of ['release.opened', 'release.changed', 'release.published'])
    it(`finds itself among the proposals of ${kind}`, () => {
      const proposals = [proposal({ id: 'q' }), proposal({ state: 'released', release: 'r' })];
      const next = applyToPage(page, event(6, kind, { proposals }));
      expect([next.proposal.state, next.proposal.release]).toEqual(['released', 'r']);
      expect(next.proposal.content).toBe(page.proposal.content);
    });
  it('takes messages that are anchored to it, each once', () => {
    const here = { id: 'm1', anchor: 'proposal:p', body: 'a' } as Message;
    const there = { id: 'm2', anchor: 'proposal:q' } as Message;
    let next = applyToPage(page, event(6, 'message.posted', { message: here }));
    next = applyToPage(next, event(7, 'message.posted', { message: there }));
    next = applyToPage(next, event(8, 'message.posted', { message: here }));
    expect([next.messages, next.seq]).toEqual([[here], 8]);
  });
  it('changes nothing for an event that it has seen', () => {
    const seen = event(5, 'review.approved', { proposal: proposal({ state: 'accepted' }) });
    expect(applyToPage(page, seen)).toBe(page);
    const once = applyToPage(page, { ...seen, seq: 6 });
    expect(applyToPage(once, { ...seen, seq: 6 })).toBe(once);
  });
  it('only counts on for the proposals of others', () => {
    const other = event(6, 'proposal.submitted', { proposal: proposal({ id: 'q' }) });
    expect(applyToPage(page, other)).toEqual({ ...page, seq: 6 });
  });
});

describe('against', () => {
  it('compares two revisions field by field', () => {
    const [field] = against(content(2, 'new'), content(1, 'old')).fields;
    expect([field?.before, field?.after, field?.changed]).toEqual([
      { text: 'old' },
      { text: 'new' },
      true,
    ]);
    expect(against(content(2, 'x'), content(1, 'x')).fields[0]?.changed).toBe(false);
  });
});
