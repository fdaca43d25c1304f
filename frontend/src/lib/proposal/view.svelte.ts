import { asProblem } from '$lib/api/client';
import type { RevisionContent } from '$lib/api/types';
import type { LiveProposal } from './page.svelte';

/** Which revision is looked at, against which; 0 stands for the newest, and for the base. */
export class RevisionView {
  number = $state(0);
  base = $state(0);
  content = $state.raw<RevisionContent>();
  problem = $state('');

  constructor(readonly live: LiveProposal) {}

  get newest(): number {
    return this.live.page?.proposal.revision ?? 0;
  }

  get shown(): number {
    return this.number || this.newest;
  }

  show(number: number, base: number) {
    this.number = number === this.newest ? 0 : number;
    this.base = base;
  }

  /** Reads what is looked at; run it again whenever that changes. Gives back how to stop. */
  read(): () => void {
    let stale = false;
    this.live.revision(this.shown, this.base).then(
      (content) => {
        if (stale) return;
        this.content = content;
        this.problem = '';
      },
      (cause) => {
        if (!stale) this.problem = asProblem(cause).message;
      },
    );
    return () => (stale = true);
  }
}
