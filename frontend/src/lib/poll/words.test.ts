import { describe, expect, it } from 'vitest';
import type { Poll } from '$lib/api/types';
import { blank, moved, outcome, rows, whole } from './words';

const poll = (more: Partial<Poll>): Poll =>
  ({ kind: 'choice', options: ['A', 'B', 'C'], state: 'open', votes: {}, ...more }) as Poll;

describe('a ballot', () => {
  it('begins empty, and is whole when it says something', () => {
    const ranking = poll({ kind: 'ranking' });
    const dots = poll({ kind: 'dots', dots: 3 });
    expect([poll({}), ranking, dots].map(blank)).toEqual([[], [0, 1, 2], [0, 0, 0]]);
    expect([whole(poll({}), []), whole(poll({}), [2]), whole(ranking, [2, 1, 0])]).toEqual([
      false,
      true,
      true,
    ]);
    const whole3 = [
      [0, 0, 0],
      [1, 2, 0],
      [2, 2, 0],
    ].map((b) => whole(dots, b));
    expect(whole3).toEqual([false, true, false]);
  });
  it('moves an option, and not over the end', () => {
    expect([moved([0, 1, 2], 2, -1), moved([0, 1, 2], 0, -1)]).toEqual([
      [0, 2, 1],
      [0, 1, 2],
    ]);
  });
});

describe('the bars of a poll', () => {
  const tally = { ballots: 3, counts: [1, 2, 0] };
  it('say who voted so, by name only', () => {
    const votes = { u: [1], v: [0], w: [1] };
    const open = rows(poll({ tally, votes }), (user) => user.toUpperCase());
    expect(open.map((r) => [r.option, r.text, r.part, r.names])).toEqual([
      ['A', '1 vote', 0.5, ['V']],
      ['B', '2 votes', 1, ['U', 'W']],
      ['C', '0 votes', 0, []],
    ]);
    const secret = rows(
      poll({ tally, votes: { u: [] }, anonymous: true, state: 'closed' }),
      String,
    );
    expect(secret.map((r) => [r.option, r.names.length])).toEqual([
      ['B', 0],
      ['A', 0],
      ['C', 0],
    ]);
  });
  it('say what came out', () => {
    const closed = (t: Poll['tally']) => outcome(poll({ state: 'closed', tally: t }));
    expect(closed(tally)).toBe('B has the most');
    expect(closed({ ballots: 2, counts: [1, 1, 0] })).toBe('A tie: A, B');
    expect(closed({ ballots: 0, counts: [0, 0, 0] })).toBe('Nobody voted.');
    expect(closed({ ballots: 0, counts: [], withheld: true })).toContain('not told');
    expect(outcome(poll({ tally }))).toBe('');
    expect(rows(poll({ tally: { ballots: 0, counts: [], withheld: true } }), String)).toEqual([]);
  });
});
