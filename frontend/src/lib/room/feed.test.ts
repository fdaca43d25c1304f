import { describe, expect, it } from 'vitest';
import type { Event, EventData, Message, Poll, Proposal, Release, Topic } from '$lib/api/types';
import { line, tells } from './feed';

const event = (kind: string, data: EventData) => ({ workshop: 'w', kind, data }) as Event;
const proposal = { id: 'p', number: 3, title: 'Timers', revision: 1 } as Proposal;

describe('a line of the feed', () => {
  it('says what was done to a proposal, and where it is', () => {
    expect(line(event('review.approved', { proposal }))).toEqual({
      verb: 'approved',
      what: '#3 Timers',
      href: '/w/w/proposals/p',
      quote: '',
    });
  });
  it('tells a revision from a first submission', () => {
    const said = (revision: number) =>
      line(event('proposal.submitted', { proposal: { ...proposal, revision } })).verb;
    expect([said(1), said(2)]).toEqual(['submitted', 'submitted revision 2 of']);
  });
  it('says on what a message was written', () => {
    const message = { anchor: 'proposal:p', body: 'x'.repeat(200) } as Message;
    const said = line(event('message.posted', { message }), [proposal]);
    expect([said.verb, said.what, said.quote.length]).toEqual(['wrote on', '#3 Timers', 122]);
    const here = { anchor: 'workshop:w', body: 'hi' } as Message;
    expect(line(event('message.posted', { message: here }), [proposal])).toMatchObject({
      verb: 'wrote',
      what: '',
      quote: '“hi”',
    });
    const tea = { id: 'm', anchor: 'agenda:i', label: 'Tea', body: 'hi' } as Message;
    expect(line(event('message.posted', { message: tea }))).toEqual({
      verb: 'wrote on',
      what: 'Tea',
      href: '/w/w/agenda/i#message-m',
      quote: '“hi”',
    });
    const loud = line(event('message.posted', { message: here }), [], (m) => m.body.toUpperCase());
    expect(loud.quote).toBe('“HI”');
    const gone = { ...message, body: '', deleted: { by: 'a', at: '' } } as Message;
    const verbs = ['message.posted', 'message.edited', 'message.deleted'].map((kind) =>
      line(event(kind, { message: gone }), [proposal]),
    );
    expect(verbs.map((one) => `${one.verb} ${one.what}${one.quote}`)).toEqual([
      'wrote a message (deleted since) on #3 Timers',
      'edited a message on #3 Timers',
      'deleted a message on #3 Timers',
    ]);
  });
  it('says what the desk did', () => {
    const said = (kind: string, desk: EventData['desk']) => {
      const { verb, what, href } = line(event(kind, { desk }));
      return [verb, what, href].join('|');
    };
    const spotlight = { on: 'object:o', label: 'T1', by: 'u', at: '' };
    expect(said('desk.spotlight', { spotlight })).toBe('shows|T1|/objects/o?w=w');
    expect(said('desk.spotlight', { spotlight: null })).toBe('took the spotlight away||');
    const clock = { item: 'i', title: 'Tea', started_at: '', minutes: 9 };
    expect(said('desk.clock', { clock })).toBe('began|Tea, 9 minutes|');
    expect(said('desk.clock', { clock: null })).toBe('stopped the clock||');
    const topic = { text: 'Names', done: false } as Topic;
    expect(line(event('desk.settled', { topic }))).toMatchObject({
      verb: 'put back',
      quote: '“Names”',
    });
    expect(['desk.word', 'desk.shown'].map((kind) => tells(event(kind, {})))).toEqual([
      false,
      true,
    ]);
  });
  it('leads to a poll', () => {
    const poll = { id: 'q', question: 'Now?' } as Poll;
    expect(line(event('poll.opened', { poll }))).toMatchObject({
      what: 'Now?',
      href: '/w/w#poll-q',
    });
  });
  it('leads to a release, and keeps a kind that it does not know', () => {
    const release = { id: 'r', name: 'Winter' } as Release;
    expect(line(event('release.published', { release })).href).toBe('/w/w/releases/r');
    expect(line(event('some.thing', {})).verb).toBe('some.thing');
  });
});
