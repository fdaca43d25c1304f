import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  insertCompletionText,
  pickedCompletion,
} from '@codemirror/autocomplete';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { get } from '$lib/api/client';
import type { Hit, Reference } from '$lib/api/types';
import { byName } from '$lib/search/words';
import type { Named } from './objects.svelte';
import { means, named, wanted, type Wanted } from './wanted';

/** What a form has, and takes. */
export interface Form {
  references: () => Reference[];
  /** Adds a reference that is cited and was not there. */
  cited: (reference: Reference) => void;
  /** The objects that do not exist yet, by their names or labels. */
  proposed: (query: string) => Promise<Named[]>;
}

/** How long a pause in typing is, before anything is looked for. */
const PAUSE = 150;
/** How many of each kind are offered. */
const MOST = 8;
/** The beginning of a label, which stands for an object that is not released. */
const LABEL = /^NEW-/;

/** Offers objects and references while a person types their ids or names. */
export function completion(form: Form): Extension {
  return [
    autocompletion({
      override: [(context) => offer(context, form)],
      activateOnTypingDelay: PAUSE,
      maxRenderedOptions: 2 * MOST,
      icons: false,
    }),
    look,
  ];
}

async function offer(context: CompletionContext, form: Form): Promise<CompletionResult | null> {
  const line = context.state.doc.lineAt(context.pos);
  const want = wanted(line.text.slice(0, context.pos - line.from), context.explicit);
  if (!want) return null;
  const stop = new AbortController();
  context.addEventListener('abort', () => stop.abort(), { onDocChange: true });
  try {
    const [objects, sources] = await Promise.all([
      want.objects ? findObjects(want, form, stop.signal) : [],
      want.sources ? findSources(want, form, stop.signal) : [],
    ]);
    const options = [...objects, ...sources];
    if (context.aborted || !options.length) return null;
    // The server has found and sorted them.
    return { from: line.from + want.from, options, filter: false };
  } catch {
    return null; // Without a connection people write on.
  }
}

async function findObjects(
  { query, plain }: Wanted,
  form: Form,
  signal: AbortSignal,
): Promise<Completion[]> {
  const fits = (name: string) => !plain || means(query, name);
  const [{ hits }, proposed] = await Promise.all([
    // Nothing that exists has a label.
    LABEL.test(query) ? { hits: [] } : get('/search', { q: query, limit: 3 * MOST }, signal),
    form.proposed(query),
  ]);
  const link = (id: string, name: string, detail: string) => ({
    label: `${id} ${name}`,
    detail,
    apply: put(`(LinkById: ${id})`),
  });
  return [
    ...hits
      .filter((hit) => hit.attack_id && byName(hit) && fits(hit.name))
      .slice(0, MOST)
      .map((hit: Hit) => link(hit.attack_id, hit.name, hit.type_label)),
    ...proposed
      .filter((one) => fits(one.name))
      .slice(0, MOST)
      .map((one) => link(one.label, one.name, one.proposed === 'draft' ? 'my draft' : 'proposed')),
  ];
}

async function findSources({ query }: Wanted, form: Form, signal: AbortSignal) {
  const own = named(form.references(), query);
  const known = await get('/sources', { q: query, limit: MOST }, signal);
  const has = (one: Reference) =>
    form.references().some((r) => r.source_name.trim() === one.source_name);
  return [
    ...own.map((one) => citation(one, 'cited here')),
    ...known.filter((one) => !has(one)).map((one) => citation(one, 'reference', form.cited)),
  ].slice(0, MOST);
}

function citation(one: Reference, detail: string, cited?: Form['cited']): Completion {
  const name = one.source_name.trim();
  return { label: name, detail, apply: put(`(Citation: ${name})`, () => cited?.(one)) };
}

/** Writes a link or a citation in place of what was typed, and of the bracket behind it. */
const put =
  (text: string, then?: () => void) =>
  (view: EditorView, picked: Completion, from: number, to: number) => {
    const closed = view.state.sliceDoc(from, from + 1) === '(';
    const end = closed && view.state.sliceDoc(to, to + 1) === ')' ? to + 1 : to;
    view.dispatch({
      ...insertCompletionText(view.state, text, from, end),
      annotations: pickedCompletion.of(picked),
    });
    then?.();
  };

const look = EditorView.theme({
  '.cm-tooltip.cm-tooltip-autocomplete': {
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius)',
    background: 'var(--surface)',
    boxShadow: 'var(--shadow)',
    color: 'var(--ink)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    minWidth: 'min(18rem, 80vw)',
    maxWidth: 'min(32rem, 92vw)',
    maxHeight: '16rem',
    font: 'inherit',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: '0.35rem 0.6rem',
    lineHeight: '1.4',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--accent-soft)',
    color: 'var(--ink)',
  },
  '.cm-completionDetail': { color: 'var(--ink-soft)', fontStyle: 'normal' },
});
