import { asProblem, type Problem } from '$lib/api/client';
import type { Proposal } from '$lib/api/types';
import { begin, begun, type Intent } from './start';

/** Leads from what a person set out to write to the draft that they write it in. */
export class Start {
  problem = $state.raw<Problem>();
  /** A draft of the same that is there already. */
  open = $state.raw<Proposal>();
  busy = $state(false);

  constructor(
    readonly workshop: string,
    readonly opened: (proposal: string) => unknown,
  ) {}

  /** Starts at once, unless the same was begun before. */
  async look(intent: Intent) {
    // A selection is another each time, and who takes a template wants what it says.
    if (intent.objects?.length || intent.template) return this.go(intent);
    try {
      const found = await begun(this.workshop, intent);
      if (found?.untouched) await this.opened(found.proposal.id);
      else if (found && (intent.object || intent.message)) this.open = found.proposal;
      else await this.go(intent);
    } catch (cause) {
      this.problem = asProblem(cause);
    }
  }

  async go(intent: Intent) {
    if (this.busy) return;
    this.busy = true;
    this.problem = undefined;
    try {
      await this.opened((await begin(this.workshop, intent)).proposal.id);
    } catch (cause) {
      this.problem = asProblem(cause);
    } finally {
      this.busy = false;
    }
  }
}
