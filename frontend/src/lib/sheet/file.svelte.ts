import { asProblem, newKey, post } from '$lib/api/client';

/** One file on its way to proposals. Nothing of it is on the server before they are made. */
export abstract class ChosenFile<Made extends { proposals: string[] }, Step extends string> {
  name = $state('');
  made = $state.raw<Made>();
  /** How many were discarded again. */
  undone = $state(0);
  busy = $state<'' | Step | 'make' | 'undo'>('');
  problem = $state('');
  protected file = new Blob();
  protected key = newKey();

  constructor(readonly workshop: string) {}

  /** All steps are about the same bytes, whatever becomes of the file meanwhile. */
  protected async hold(file: File) {
    this.file = new Blob([await file.arrayBuffer()]);
  }

  /** Discards the drafts; one that failed is where the next attempt goes on. */
  undo = () =>
    this.do('undo', async () => {
      for (const id of this.made?.proposals.slice(this.undone) ?? []) {
        await post(`/workshops/${this.workshop}/proposals/${id}/withdraw`, undefined, `${id}-undo`);
        this.undone++;
      }
    });

  protected async do(what: Step | 'make' | 'undo', work: () => Promise<void>) {
    if (this.busy) return;
    this.busy = what;
    this.problem = '';
    try {
      await work();
    } catch (cause) {
      this.problem = asProblem(cause).message;
    } finally {
      this.busy = '';
    }
  }
}
