import type { Poll } from '$lib/api/types';
import { count } from '$lib/format';

export const KINDS: [Poll['kind'], string, string][] = [
  ['yes_no', 'Yes, no or abstain', 'Each says yes, no, or abstains.'],
  ['choice', 'A choice', 'Each chooses one option.'],
  ['ranking', 'A ranking', 'Each puts all options into an order.'],
  ['dots', 'Dots', 'Each spreads a number of dots over the options.'],
];

/** What a person votes before they have chosen anything. */
export function blank({ kind, options }: Pick<Poll, 'kind' | 'options'>): number[] {
  if (kind === 'ranking') return options.map((_, i) => i);
  return kind === 'dots' ? options.map(() => 0) : [];
}

/** Is it a whole ballot? */
export function whole({ kind, dots }: Pick<Poll, 'kind' | 'dots'>, ballot: number[]): boolean {
  if (kind === 'ranking') return true;
  const sum = ballot.reduce((n, one) => n + one, 0);
  return kind === 'dots' ? sum > 0 && sum <= (dots ?? 0) : ballot.length === 1;
}

/** A ranking with one option a place higher or lower. */
export function moved(ballot: number[], at: number, by: -1 | 1): number[] {
  const [one, other] = [ballot[at], ballot[at + by]];
  if (one === undefined || other === undefined) return ballot;
  return ballot.with(at, other).with(at + by, one);
}

export interface Row {
  option: string;
  n: number;
  /** Of the whole bar, from 0 to 1. */
  part: number;
  /** "3 votes", "7 points, 2 times first". */
  text: string;
  /** The names of who voted so, where that is known. */
  names: string[];
}

const UNITS = { yes_no: 'vote', choice: 'vote', ranking: 'point', dots: 'dot' } as const;

/** The bars of a poll; those of a closed poll with the most first, unless they have an order. */
export function rows(poll: Poll, name: (user: string) => string): Row[] {
  const { tally, kind, options } = poll;
  if (!tally || tally.withheld) return [];
  const most = Math.max(1, ...tally.counts);
  const list = options.map((option, i) => {
    const n = tally.counts[i] ?? 0;
    const first = tally.first?.[i];
    return {
      option,
      n,
      part: n / most,
      text: count(n, UNITS[kind]) + (first ? `, ${String(first)} × first` : ''),
      names: poll.anonymous
        ? []
        : Object.entries(poll.votes)
            .filter(([, b]) => votesFor(kind, b, i))
            .map(([user]) => name(user))
            .sort((a, b) => a.localeCompare(b)),
    };
  });
  return poll.state === 'closed' && kind !== 'yes_no' ? list.sort((a, b) => b.n - a.n) : list;
}

function votesFor(kind: Poll['kind'], ballot: number[], option: number): boolean {
  return kind === 'dots' ? (ballot[option] ?? 0) > 0 : ballot[0] === option;
}

/** What came out, in a few words; empty while it is open or where it is not told. */
export function outcome(poll: Poll): string {
  const { tally, options, state } = poll;
  if (state !== 'closed' || !tally) return '';
  if (tally.withheld) return 'Fewer than three voted: what they voted is not told.';
  if (!tally.ballots) return 'Nobody voted.';
  const most = Math.max(...tally.counts);
  const best = options.filter((_, i) => tally.counts[i] === most);
  return best.length === 1 ? `${best[0]!} has the most` : `A tie: ${best.join(', ')}`;
}
