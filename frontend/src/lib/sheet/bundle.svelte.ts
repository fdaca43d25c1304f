import { newKey, send } from '$lib/api/client';
import type { BundleItem, BundleMade, BundleReport } from '$lib/api/types';
import { ChosenFile } from './file.svelte';

/** Can something be proposed of it? */
export const choosable = (item: BundleItem) => item.form !== '';

/** A STIX bundle of somebody's changes on its way to drafts. */
export class Bundle extends ChosenFile<BundleMade, 'try'> {
  report = $state.raw<BundleReport>();
  chosen = $state.raw<ReadonlySet<number>>(new Set());

  choose = (file: File) => {
    this.name = file.name;
    this.report = this.made = undefined;
    return this.do('try', async () => {
      await this.hold(file);
      const report = await send(`/workshops/${this.workshop}/bundle/try`, this.file);
      this.chosen = new Set(report.items.filter(choosable).map((one) => one.item));
      this.report = report;
      this.key = newKey();
    });
  };

  toggle = (items: number[], on: boolean) => {
    const next = new Set(this.chosen);
    for (const one of items) {
      if (on) next.add(one);
      else next.delete(one);
    }
    this.chosen = next;
    this.key = newKey(); // another choice is another write
  };

  make = () =>
    this.do('make', async () => {
      const path = `/workshops/${this.workshop}/bundle/make` as const;
      this.undone = 0;
      this.made = await send(path, this.file, { items: [...this.chosen] }, this.key);
    });
}
