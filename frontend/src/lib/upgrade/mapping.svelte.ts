import { asProblem, post } from '$lib/api/client';
import type { Proposal } from '$lib/api/types';
import { applied, type Mapping } from './words';

/** What a facilitator chooses for tactics that vanished: for all, and otherwise for some proposals. */
export class TacticMapping {
  all = $state<Mapping>({});
  own = $state<Record<string, Mapping>>({});
  drafts = $state(true);
  busy = $state(false);
  problem = $state('');

  /** Chooses tactics instead of one that vanished; for one proposal or, without it, for all. */
  choose(tactic: string, instead: string[], proposal?: string) {
    if (!proposal) this.all = { ...this.all, [tactic]: instead };
    else this.own = { ...this.own, [proposal]: { ...this.of(proposal), [tactic]: instead } };
  }

  /** A proposal goes with what is for all again. */
  reset(proposal: string) {
    const { [proposal]: _, ...rest } = this.own;
    this.own = rest;
  }

  of(proposal: string): Mapping {
    return this.own[proposal] ?? this.all;
  }

  /** The tactics that a proposal will have. */
  after(proposal: Proposal): string[] {
    return applied(proposal.tactics, this.of(proposal.id));
  }

  /** Is something chosen for each tactic that has vanished? */
  complete(tactics: readonly string[], proposals: readonly Proposal[], drafts: boolean): boolean {
    const forAll = (t: string) => (this.all[t]?.length ?? 0) > 0;
    return (
      tactics.length > 0 &&
      proposals.every((p) =>
        p.standing?.tactics.every((t) => (this.of(p.id)[t]?.length ?? 0) > 0),
      ) &&
      (!drafts || !this.drafts || tactics.every(forAll))
    );
  }

  /** Applies it, all or nothing; gives what to say about it. */
  async apply(workshop: string, proposals: readonly Proposal[]): Promise<string> {
    this.busy = true;
    this.problem = '';
    try {
      const done = await post(`/workshops/${workshop}/upgrade/tactics`, {
        tactics: chosen(this.all),
        proposals: proposals.map(({ id, revision }) => ({
          id,
          revision,
          ...(this.own[id] && { tactics: chosen(this.own[id]) }),
        })),
        drafts: this.drafts,
      });
      this.own = {};
      const drafts = done.drafts ? ` and ${done.drafts} drafts` : '';
      return `Mapped in ${done.proposals.length} proposals${drafts}. Every revision before remains.`;
    } catch (cause) {
      this.problem = asProblem(cause).message;
      return '';
    } finally {
      this.busy = false;
    }
  }
}

const chosen = (mapping: Mapping): Mapping =>
  Object.fromEntries(Object.entries(mapping).filter(([, instead]) => instead.length > 0));
