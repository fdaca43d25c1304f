import { asProblem, newKey, post, type Problem } from '$lib/api/client';
import type { Poll } from '$lib/api/types';

interface Sent {
  ballot: number[];
  key: string;
  restarts: number;
  /** On its way, or why it did not arrive. */
  waits: boolean;
  problem: string;
  /** The server was not reached, or not able to take it: it is sent again by itself. */
  again: boolean;
}

/** When a server that could not take a vote is asked again, where it does not say when. */
const SOON = 5000;

/**
 * What I vote in this tab. A vote is sent under the same key until it is answered; one by name is
 * kept on the device until then. An anonymous one is kept in this tab's memory only, and sent again
 * when the server has lost what was in its own.
 */
export class Voting {
  #sent = $state<Record<string, Sent>>({});

  of(poll: Poll): Sent | undefined {
    return this.#sent[poll.id];
  }

  async vote(workshop: string, poll: Poll, ballot: number[], me: string, key = newKey()) {
    const { id, anonymous } = poll;
    const restarts = poll.restarts ?? 0;
    this.#sent[id] = { ballot, key, restarts, waits: true, problem: '', again: false };
    const kept = `atelier-vote:${me}:${id}`;
    if (!anonymous) localStorage.setItem(kept, JSON.stringify({ ballot, key }));
    const path = `/workshops/${workshop}/polls/${id}` as const;
    let problem: Problem | undefined;
    try {
      if (anonymous) await post(`${path}/cast`, { ballot }, key);
      else await post(`${path}/vote`, { ballot }, key);
    } catch (cause) {
      problem = asProblem(cause);
    }
    const { status = 1, message = '', after = 0 } = problem ?? {};
    const again = status === 0 || status === 429 || status >= 500;
    if (!again && keptAt(kept)?.key === key) localStorage.removeItem(kept);
    // Another vote may have been sent meanwhile.
    if (this.#sent[id]?.key !== key) return;
    this.#sent[id] = { ...this.#sent[id], waits: false, problem: message, again };
    // The server is there, and may take it soon; without it, the connection says when it is back.
    if (again && status > 0)
      setTimeout(
        () => {
          const left = this.#sent[id];
          if (left?.key === key && left.again) void this.vote(workshop, poll, ballot, me, key);
        },
        after * 1000 || SOON,
      );
  }

  /** Sends again what did not arrive, and what a restart of the server has lost. */
  resume(workshop: string, polls: Poll[], me: string) {
    for (const poll of polls) {
      const sent = this.#sent[poll.id];
      const left = sent ? undefined : keptAt(`atelier-vote:${me}:${poll.id}`);
      if (left && poll.state === 'open') void this.vote(workshop, poll, left.ballot, me, left.key);
      if (!sent || sent.waits || poll.state !== 'open') continue;
      const lost = (poll.restarts ?? 0) > sent.restarts && !(me in poll.votes);
      if (sent.again || lost) void this.vote(workshop, poll, sent.ballot, me, sent.key);
    }
  }
}

/** What an earlier visit has left. */
function keptAt(place: string): { ballot: number[]; key: string } | undefined {
  try {
    return (JSON.parse(localStorage.getItem(place) ?? 'null') ?? undefined) as
      { ballot: number[]; key: string } | undefined;
  } catch {
    return undefined;
  }
}

export const voting = new Voting();
