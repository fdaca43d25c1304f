import { asProblem, newKey, post, send } from '$lib/api/client';
import type { BundleItem, BundleMade, BundleReport } from '$lib/api/types';

/** Can something be proposed of it? */
export const choosable = (item: BundleItem) => item.form !== '';

/** A STIX bundle of somebody's changes on its way to drafts. Nothing of it is kept before. */
export class Bundle {
  name = $state('');
  report = $state.raw<BundleReport>();
  chosen = $state.raw<ReadonlySet<number>>(new Set());
  made = $state.raw<BundleMade>();
  undone = $state(0);
  busy = $state<'' | 'try' | 'make' | 'undo'>('');
  problem = $state('');
  #file = new Blob();
  #key = newKey();

  constructor(readonly workshop: string) {}

  choose = (file: File) => {
    this.name = file.name;
    this.report = this.made = undefined;
    return this.#do('try', async () => {
      // Both steps are about the same bytes, whatever becomes of the file meanwhile.
      this.#file = new Blob([await file.arrayBuffer()]);
      const report = await send(`/workshops/${this.workshop}/bundle/try`, this.#file);
      this.chosen = new Set(report.items.filter(choosable).map((one) => one.item));
      this.report = report;
      this.#key = newKey();
    });
  };

  toggle = (items: number[], on: boolean) => {
    const next = new Set(this.chosen);
    for (const one of items) {
      if (on) next.add(one);
      else next.delete(one);
    }
    this.chosen = next;
    this.#key = newKey(); // another choice is another write
  };

  make = () =>
    this.#do('make', async () => {
      const path = `/workshops/${this.workshop}/bundle/make` as const;
      this.undone = 0;
      this.made = await send(path, this.#file, { items: [...this.chosen] }, this.#key);
    });

  /** Discards the drafts; one that failed is where the next attempt goes on. */
  undo = () =>
    this.#do('undo', async () => {
      for (const id of this.made?.proposals.slice(this.undone) ?? []) {
        await post(`/workshops/${this.workshop}/proposals/${id}/withdraw`, undefined, `${id}-undo`);
        this.undone++;
      }
    });

  async #do(what: Bundle['busy'], work: () => Promise<void>) {
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
