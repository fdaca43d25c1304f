import { asProblem, newKey, post, type Problem } from '$lib/api/client';
import type { Proposal } from '$lib/api/types';
import { toasts } from '$lib/toasts.svelte';

export type Action = 'start-review' | 'approve' | 'request-changes' | 'reject' | 'withdraw';

interface Words {
  label: string;
  key: string;
  /** What a note is for; none: no note is asked for. */
  note?: string;
  needsNote?: boolean;
  explain: string;
  done: string;
}

/** What each action is called, and what it brings about. */
export const ACTIONS: Record<Action, Words> = {
  'start-review': {
    label: 'Start the review',
    key: 's',
    explain: 'The others see that you are reading it.',
    done: 'You are reviewing it now.',
  },
  approve: {
    label: 'Approve',
    key: 'a',
    note: 'Note (if you have something to add)',
    explain: 'It is accepted, and a maintainer can put it on a release.',
    done: 'Approved.',
  },
  'request-changes': {
    label: 'Request changes',
    key: 'r',
    note: 'What has to change, and why',
    needsNote: true,
    explain: 'Its author revises it and submits it to you again.',
    done: 'Changes are requested.',
  },
  reject: {
    label: 'Reject',
    key: 'x',
    note: 'Why it is rejected',
    needsNote: true,
    explain: 'This ends the proposal. Ask for changes if it can still become good.',
    done: 'Rejected.',
  },
  withdraw: {
    label: 'Withdraw',
    key: 'w',
    explain: 'You take your proposal back. It can not be submitted again.',
    done: 'Withdrawn.',
  },
};

/** The actions in the order of their buttons. */
export const ORDER: Action[] = ['start-review', 'approve', 'request-changes', 'reject', 'withdraw'];

/** Does this action open a dialog before it is sent? */
export const asks = (action: Action) => action !== 'start-review';

/** One verdict on its way: on the revision that was in view when it was begun. */
export class Verdict {
  action = $state<Action>('approve');
  proposal = $state.raw<Proposal>();
  note = $state('');
  bump = $state<Proposal['bump']>('minor');
  busy = $state(false);
  problem = $state.raw<Problem>();
  open = $state(false);
  #key = '';

  constructor(readonly done: (proposal: Proposal, action: Action) => void = () => {}) {}

  /** Begins an action; one that asks nothing is sent at once. */
  begin(action: Action, proposal: Proposal) {
    if (this.busy) return;
    const same = this.proposal?.id === proposal.id && this.action === action;
    if (!same) this.note = '';
    this.action = action;
    this.proposal = proposal;
    this.bump = proposal.bump;
    this.problem = undefined;
    this.#key = newKey();
    if (asks(action)) this.open = true;
    else void this.send();
  }

  get stale(): boolean {
    return this.problem?.status === 409;
  }

  /** A note that is still missing, if this action needs one. */
  get missing(): boolean {
    return !!ACTIONS[this.action].needsNote && !this.note.trim();
  }

  /** Sends it, with why what must not be shared may stand in the note. */
  async send(explained?: Record<string, string>) {
    const { proposal, action } = this;
    if (!proposal || this.missing || this.busy) return;
    this.busy = true;
    this.problem = undefined;
    try {
      const changed = await this.#post(proposal, explained);
      this.open = false;
      this.note = '';
      toasts.good(`#${proposal.number}: ${ACTIONS[action].done}`);
      this.done(changed, action);
    } catch (cause) {
      this.problem = asProblem(cause);
      // What is sent after a refusal is another write, not a repeat of this one.
      if (this.problem.status) this.#key = newKey();
      if (!this.open) toasts.bad(this.problem);
    } finally {
      this.busy = false;
    }
  }

  #post(proposal: Proposal, explained?: Record<string, string>): Promise<Proposal> {
    const path = `/workshops/${proposal.workshop}/proposals/${proposal.id}` as const;
    const bump = changesObject(proposal) ? this.bump : undefined;
    const body = {
      revision: proposal.revision,
      note: this.note.trim(),
      ...(explained ? { explained } : {}),
    };
    switch (this.action) {
      case 'start-review':
        return post(`${path}/start-review`, body, this.#key);
      case 'approve':
        return post(`${path}/approve`, { ...body, bump }, this.#key);
      case 'request-changes':
        return post(`${path}/request-changes`, body, this.#key);
      case 'reject':
        return post(`${path}/reject`, body, this.#key);
      case 'withdraw':
        return post(`${path}/withdraw`, undefined, this.#key);
    }
  }
}

/** Only what changes an object that exists can choose its next version; new ones begin at 1.0. */
export const changesObject = (proposal: Pick<Proposal, 'action'>) =>
  proposal.action === 'modify' || proposal.action === 'several';
