import { describe, expect, it } from 'vitest';
import type { Proposal } from '$lib/api/types';
import { allows, allowsOn, waitsFor, type Actor } from '$lib/live/workflow';
import { workflow } from '$lib/live/workflow.fixture';
import { countMine, follow, nextWaiting, queueOf } from './queue';
import { turnSentence } from './words';

const proposal = (id: string, over: Partial<Proposal> = {}) =>
  ({
    id,
    number: Number(id),
    state: 'submitted',
    author: 'ana',
    co_authors: [],
    reviews: [],
    turn: { role: 'reviewer', reason: 'new', since: `2026-01-0${id}T00:00:00.000Z` },
    ...over,
  }) as Proposal;
const actor = (user: string, ...roles: Actor['roles']): Actor => ({ user, roles });
const since = '2026-01-01T00:00:00.000Z';
const ids = (rows: { proposal: Proposal }[]) => rows.map((row) => row.proposal.id);
const name = (id: string) => id.toUpperCase();

describe('waitsFor', () => {
  it('waits for all reviewers but the author, and for maintainers too', () => {
    expect(waitsFor(workflow, proposal('1'), actor('bo', 'reviewer'))).toBe(true);
    expect(waitsFor(workflow, proposal('1'), actor('bo', 'maintainer'))).toBe(true);
    expect(waitsFor(workflow, proposal('1'), actor('ana', 'reviewer'))).toBe(false);
    expect(waitsFor(workflow, proposal('1'), actor('bo', 'participant'))).toBe(false);
  });
  it('waits for one person when it names one', () => {
    const turn = { user: 'ana', reason: '', since };
    expect(waitsFor(workflow, proposal('1', { turn }), actor('ana'))).toBe(true);
    expect(waitsFor(workflow, proposal('1', { turn }), actor('bo', 'reviewer'))).toBe(false);
  });
});

describe('what a person may do', () => {
  it('follows from the operations for a workshop', () => {
    const roles = workflow.roles.filter((role) => allows(workflow, 'review', actor('bo', role)));
    expect(roles).toEqual(['reviewer', 'maintainer']);
    expect(allows(workflow, 'propose', actor('bo', 'observer'))).toBe(false);
    expect(allows(workflow, 'run', actor('bo', 'maintainer', 'facilitator'))).toBe(true);
    expect(allows({ ...workflow, operations: {} }, 'run', actor('bo', 'facilitator'))).toBe(false);
  });
  it('follows from the transitions for a proposal', () => {
    expect(allowsOn(workflow, 'approve', proposal('1'), actor('bo', 'reviewer'))).toBe(true);
    expect(allowsOn(workflow, 'approve', proposal('1'), actor('ana', 'reviewer'))).toBe(false);
    expect(allowsOn(workflow, 'withdraw', proposal('1'), actor('bo', 'participant'))).toBe(false);
    expect(allowsOn(workflow, 'suggest', proposal('1'), actor('ana', 'reviewer'))).toBe(false);
  });
  it('follows from what reviewers suggested, and who had a part', () => {
    const bo = actor('bo', 'reviewer');
    const suggested = (state: 'open' | 'taken') =>
      proposal('1', {
        suggestions: [{ by: 'bo', state }] as Proposal['suggestions'],
        credits: [{ user: 'bo' }] as Proposal['credits'],
      });
    const may = (one: Proposal) =>
      ['approve', 'suggest', 'drop', 'name'].filter((action) =>
        allowsOn(workflow, action, one, bo),
      );
    expect(may(proposal('1'))).toEqual(['approve', 'suggest']);
    expect(may(suggested('open'))).toEqual(['approve', 'suggest', 'drop', 'name']);
    expect(may(suggested('taken'))).toEqual(['suggest', 'name']);
    expect(waitsFor(workflow, suggested('taken'), bo)).toBe(false);
    expect(waitsFor(workflow, suggested('open'), actor('bo', 'participant'))).toBe(false);
  });
});

describe('turnSentence', () => {
  const user = (id: string) => ({ id, name: name(id), organisation: '' });
  it('says whose turn it is, and why', () => {
    const mine = proposal('1', { turn: { user: 'ana', reason: 'revise it', since } });
    expect(turnSentence(mine, 'ana', user)).toBe('Your turn · revise it');
    expect(turnSentence(mine, 'bo', user)).toBe('ANA’s turn · revise it');
    expect(turnSentence(proposal('1'), 'bo', user)).toBe('New');
  });
  it('says nothing when it is nobody’s turn', () => {
    const turn = { reason: '', since };
    expect(turnSentence(proposal('1', { state: 'released', turn }), 'bo', user)).toBe('');
  });
});

describe('queueOf', () => {
  it('puts what waits for me first, then the oldest', () => {
    const list = [
      proposal('3'),
      proposal('1', { state: 'changes_requested', turn: { user: 'ana', reason: '', since } }),
      proposal('2'),
      proposal('4', { state: 'rejected' }),
    ];
    expect(ids(queueOf(workflow, list, actor('bo', 'reviewer')))).toEqual(['2', '3', '1']);
    expect(countMine(workflow, list, actor('bo', 'reviewer'))).toBe(2);
    expect(countMine(workflow, list, actor('ana', 'reviewer'))).toBe(1);
  });
});

describe('follow', () => {
  const list = [proposal('1'), proposal('2')];
  const rows = queueOf(workflow, list, actor('bo', 'reviewer'));
  it('greys out what another reviewer decided, in its place', () => {
    const reviews = [{ reviewer: 'cy', verdict: 'approve' }] as Proposal['reviews'];
    const next = follow(
      rows,
      workflow,
      [proposal('1', { state: 'accepted', reviews }), proposal('2')],
      actor('bo', 'reviewer'),
      name,
    );
    expect(ids(next)).toEqual(['1', '2']);
    expect(next.map((row) => row.gone)).toEqual(['CY approved', '']);
  });
  it('greys out what waits for another now, and takes it back', () => {
    const turn = { user: 'ana', reason: '', since };
    const asked = proposal('1', {
      state: 'changes_requested',
      turn,
      reviews: [{ reviewer: 'bo', verdict: 'request_changes' }] as Proposal['reviews'],
    });
    const away = follow(rows, workflow, [asked, proposal('2')], actor('bo', 'reviewer'), name);
    expect(away[0]?.gone).toBe('BO asked for changes');
    const back = follow(away, workflow, list, actor('bo', 'reviewer'), name);
    expect([back[0]?.gone, back[0]?.mine]).toEqual(['', true]);
  });
  it('greys out what a maintainer approved, who releases it next', () => {
    const turn = { role: 'maintainer', reason: '', since };
    const accepted = [proposal('1', { state: 'accepted', turn: turn as Proposal['turn'] })];
    const once = follow(rows, workflow, accepted, actor('bo', 'maintainer'), name);
    expect(once[0]?.gone).not.toBe('');
    expect(follow(once, workflow, accepted, actor('bo', 'maintainer'), name)[0]?.gone).not.toBe('');
    expect(ids(queueOf(workflow, accepted, actor('bo', 'maintainer')))).toEqual(['1']);
  });
  it('adds what is new at the end', () => {
    const next = follow(rows, workflow, [proposal('0'), ...list], actor('bo', 'reviewer'), name);
    expect(ids(next)).toEqual(['1', '2', '0']);
  });
});

describe('nextWaiting', () => {
  it('goes on to the next that waits, or back when there is none', () => {
    const rows = queueOf(
      workflow,
      [proposal('1'), proposal('2'), proposal('3')],
      actor('bo', 'reviewer'),
    );
    const gone = (at: number) => rows.map((row, i) => (i === at ? { ...row, gone: 'x' } : row));
    expect(nextWaiting(gone(1), '1')).toBe('3');
    expect(nextWaiting(gone(2), '3')).toBe('2');
    expect(nextWaiting([rows[0]!], '1')).toBe('');
  });
});
