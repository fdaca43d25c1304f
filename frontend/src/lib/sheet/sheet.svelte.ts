import { asProblem, newKey, send } from '$lib/api/client';
import type { SheetMade, SheetMapping, SheetPreview, SheetReport } from '$lib/api/types';
import { ChosenFile } from './file.svelte';

/** What a column can hold, in the order of the page. */
export const PARTS: { name: keyof SheetMapping; label: string; help: string; needed: boolean }[] = [
  { name: 'who', label: 'Who', help: 'A group, software or campaign: id or name', needed: true },
  { name: 'technique', label: 'Technique', help: 'Its id or name', needed: true },
  { name: 'description', label: 'Description', help: 'How it was used', needed: true },
  { name: 'source', label: 'Source', help: 'The name that cites it', needed: true },
  { name: 'url', label: 'URL', help: 'Where the source is', needed: false },
  { name: 'citation', label: 'Source in full', help: 'Author, date, title', needed: false },
];

/** Where the choice of columns is kept, for the next file that is headed the same. */
const place = (headings: readonly string[]) => `atelier-sheet:${JSON.stringify(headings)}`;

export function recalled(headings: readonly string[]): SheetMapping | undefined {
  try {
    return JSON.parse(localStorage.getItem(place(headings)) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(headings: readonly string[], mapping: SheetMapping) {
  try {
    localStorage.setItem(place(headings), JSON.stringify(mapping));
  } catch {
    // The device is full; the next file is guessed at again.
  }
}

/** One spreadsheet on its way to proposals. */
export class Sheet extends ChosenFile<SheetMade, 'read' | 'try'> {
  preview = $state.raw<SheetPreview>();
  mapping = $state.raw<SheetMapping>();
  report = $state.raw<SheetReport>();

  get missing(): string[] {
    return PARTS.filter((p) => p.needed && !this.mapping?.[p.name]).map((p) => p.label);
  }

  async choose(file: File) {
    this.name = file.name;
    this.preview = this.mapping = this.report = this.made = undefined;
    await this.do('read', async () => {
      await this.hold(file);
      await this.#read('');
    });
  }

  pick = (sheet: string) => this.do('read', () => this.#read(sheet));

  async #read(sheet: string) {
    this.report = undefined;
    const path = `/workshops/${this.workshop}/sheet/read` as const;
    this.preview = await send(path, this.file, { sheet });
    this.mapping = recalled(this.preview.columns) ?? this.preview.mapping;
  }

  map(part: keyof SheetMapping, column: number) {
    if (!this.preview || !this.mapping) return;
    const next = { ...this.mapping, [part]: column };
    for (const { name } of PARTS)
      if (name !== part && column > 0 && next[name] === column) next[name] = 0;
    this.mapping = next;
    this.report = undefined;
    keep(this.preview.columns, next);
  }

  get #query() {
    return { sheet: this.preview?.sheet, ...this.mapping };
  }

  try = () =>
    this.do('try', async () => {
      this.report = undefined;
      const path = `/workshops/${this.workshop}/sheet/try` as const;
      this.report = await send(path, this.file, this.#query);
      this.key = newKey();
    });

  make = (submit: boolean) =>
    this.do('make', async () => {
      const path = `/workshops/${this.workshop}/sheet/make` as const;
      try {
        // Drafts and submissions are different writes; each is made once.
        const key = `${this.key}${submit ? '-submit' : ''}`;
        this.undone = 0;
        this.made = await send(path, this.file, { ...this.#query, submit }, key);
      } catch (cause) {
        const { details } = asProblem(cause);
        if (details) this.report = details as SheetReport; // the taxonomy moved since it was tried
        throw cause;
      }
    });
}
