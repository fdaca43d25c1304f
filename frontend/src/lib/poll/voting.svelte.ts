import { asProblem, newKey, post } from '$lib/api/client';
import type { Poll } from '$lib/api/types';

interface Sent {
  ballot: number[];
  key: string;
  restarts: number;
  /** On its way, or why it did not arrive. */
  waits: boolean;
  problem: string;
  /** The server could not be reached: it is sent again by itself. */
  offline: boolean;
}

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
    this.#sent[id] = { ballot, key, restarts, waits: true, problem: '', offline: false };
    const kept = `atelier-vote:${me}:${id}`;
    if (!anonymous) localStorage.setItem(kept, JSON.stringify({ ballot, key }));
    const path = `/workshops/${workshop}/polls/${id}` as const;
    let [problem, offline] = ['', false];
    try {
      if (anonymous) await post(`${path}/cast`, { ballot }, key);
      else await post(`${path}/vote`, { ballot }, key);
    } catch (cause) {
      const told = asProblem(cause);
      [problem, offline] = [told.message, told.code === 'offline'];
    }
    if (!offline && keptAt(kept)?.key === key) localStorage.removeItem(kept);
    // Another vote may have been sent meanwhile.
    if (this.#sent[id]?.key === key)
      this.#sent[id] = { ...this.#sent[id], waits: false, problem, offline };
  }

  /** Sends again what did not arrive, and what a restart of the server has lost. */
  resume(workshop: string, polls: Poll[], me: string) {
    for (const poll of polls) {
      const sent = this.#sent[poll.id];
      const left = sent ? undefined : keptAt(`atelier-vote:${me}:${poll.id}`);
      if (left && poll.state === 'open') void this.vote(workshop, poll, left.ballot, me, left.key);
      if (!sent || sent.waits || poll.state !== 'open') continue;
      const lost = (poll.restarts ?? 0) > sent.restarts && !(me in poll.votes);
      if (sent.offline || lost) void this.vote(workshop, poll, sent.ballot, me, sent.key);
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
