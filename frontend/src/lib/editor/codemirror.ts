import { history, historyKeymap, standardKeymap } from '@codemirror/commands';
import {
  Compartment,
  EditorState,
  type Extension,
  StateEffect,
  StateField,
} from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  keymap,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import type { Span } from '$lib/guard/places';
import { replacement } from './text';

export { completion } from './complete';
export { Cowriter } from './cowriter.svelte';

/** What the editor starts from, and what it tells. */
export interface Setup {
  parent: HTMLElement;
  text: string;
  /** Where the cursor is: what a text area had. */
  selection?: { anchor: number; head: number };
  /** Of the element that is written in: what assistive technology is told. */
  attributes: Record<string, string>;
  changed: (text: string) => void;
  /** Whether something is selected now. */
  selected?: (some: boolean) => void;
  more?: Extension;
}

/**
 * A text in CodeMirror. It is loaded when a page needs it; until then, and where it cannot be
 * loaded, people write in a text area.
 */
export class TextEditor {
  readonly view: EditorView;
  #attributes = new Compartment();

  constructor({ parent, text, selection, attributes, changed, selected, more = [] }: Setup) {
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        selection,
        extensions: [
          more,
          history(),
          // Tab is not among them: it leads to the next field, as everywhere.
          keymap.of([...standardKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.clipboardInputFilter.of(clean),
          EditorView.contentAttributes.of({
            spellcheck: 'true',
            autocorrect: 'on',
            autocapitalize: 'sentences',
            tabindex: '0',
          }),
          this.#attributes.of(EditorView.contentAttributes.of(attributes)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(this.text);
            if (update.docChanged || update.selectionSet) selected?.(!this.selection.empty);
          }),
          citations,
          findings,
          look,
        ],
      }),
    });
  }

  get selection() {
    return this.view.state.selection.main;
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Takes over a text that was changed elsewhere. The cursor stays where it is in it. */
  set(text: string) {
    const change = replacement(this.text, this.view.state.toText(clean(text)).toString());
    if (change) this.view.dispatch({ changes: change });
  }

  /** Writes at the cursor, as if it were typed. */
  insert(text: string) {
    const { state } = this.view;
    const at = state.selection.main.to;
    this.view.dispatch({
      changes: { from: at, insert: text },
      selection: { anchor: at + text.length },
      scrollIntoView: true,
      userEvent: 'input',
    });
    this.view.focus();
  }

  /** Selects a part of the text and leads to it. */
  select({ from, to }: Span) {
    const effects = EditorView.scrollIntoView(from, { y: 'center' });
    this.view.dispatch({ selection: { anchor: from, head: to }, effects });
    this.view.focus();
  }

  /** Marks parts of the text in which something was found. */
  mark(spans: Span[]) {
    this.view.dispatch({ effects: foundIn.of(spans) });
  }

  /** Says anew what assistive technology is told. */
  describe(attributes: Record<string, string>) {
    const effects = this.#attributes.reconfigure(EditorView.contentAttributes.of(attributes));
    this.view.dispatch({ effects });
  }

  focus() {
    this.view.focus();
  }

  destroy() {
    this.view.destroy();
  }
}

/** A text without what no text may have: control characters, and those that turn the order around. */
const clean = (text: string) => text.replace(/(?![\n\t\r])[\p{Cc}\p{Bidi_C}]/gu, '');

/** Parts in which something was found; they move with the text until it is looked at again. */
const foundIn = StateEffect.define<Span[]>();
const findings = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { changes, effects, newDoc }) {
    for (const effect of effects)
      if (effect.is(foundIn))
        return Decoration.set(
          effect.value
            .filter(({ from, to }) => from < to && to <= newDoc.length)
            .map(({ from, to }) => Decoration.mark({ class: 'cm-found' }).range(from, to)),
          true,
        );
    return marks.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const marker = new MatchDecorator({
  regexp: /\((?:Citation|LinkById): [^()\n]+(?:\([^()\n]*\)[^()\n]*)*\)/g,
  decoration: Decoration.mark({ class: 'cm-reference' }),
});

/** Citations and links look like what they are. */
const citations = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marker.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = marker.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

// The colours are those of the design, so that they are right by day and by night.
const look = EditorView.theme({
  '&': {
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius)',
    background: 'var(--surface)',
    color: 'var(--ink)',
  },
  '&.cm-focused': { outline: '3px solid var(--focus)', outlineOffset: '2px' },
  '&:has(> .cm-scroller > [aria-invalid=true])': {
    borderColor: 'var(--bad)',
    boxShadow: '0 0 0 1px var(--bad)',
  },
  '.cm-scroller': { font: 'inherit', lineHeight: '1.5', overflow: 'auto', maxHeight: '75vh' },
  '.cm-content': {
    minHeight: '12rem',
    padding: '0.35rem 0',
    caretColor: 'var(--ink)',
    boxShadow: 'none !important',
    outline: 'none',
  },
  '.cm-line': { padding: '0 0.6rem' },
  '.cm-found': { textDecoration: 'underline wavy var(--bad)', textDecorationSkipInk: 'none' },
  '.cm-reference': { color: 'var(--accent)' },
});
