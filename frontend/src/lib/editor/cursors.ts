import { type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';

/** Where somebody else is in a text; below 0: nowhere in it. */
export interface Cursor {
  user: string;
  name: string;
  anchor: number;
  head: number;
  colour: number;
}

/** Dark enough for white letters on them, and seen on paper and on slate. */
export const colours = ['#b3261e', '#7d4bc0', '#0b6e4f', '#8a5a00', '#a1337f', '#1d63c4'];

/** Cursors with colours: each person has the same on every screen, and two have two. */
export function coloured<C extends { user: string }>(cursors: C[]): (C & { colour: number })[] {
  return [...cursors]
    .sort((a, b) => (a.user < b.user ? -1 : 1))
    .map((cursor, i) => ({ ...cursor, colour: i % colours.length }));
}

/** Shows these cursors, and no others. */
export const showCursors = StateEffect.define<Cursor[]>();

class Flag extends WidgetType {
  constructor(readonly cursor: Cursor) {
    super();
  }
  override eq({ cursor }: Flag) {
    return cursor.name === this.cursor.name && cursor.colour === this.cursor.colour;
  }
  // People hear the names beside the text, not within it.
  override toDOM() {
    const flag = document.createElement('span');
    flag.className = `cm-other cm-other-${this.cursor.colour}`;
    flag.ariaHidden = 'true';
    const name = document.createElement('span');
    name.textContent = this.cursor.name;
    flag.append(name);
    return flag;
  }
  override ignoreEvent() {
    return true;
  }
}

function marks(cursor: Cursor, length: number): Range<Decoration>[] {
  const { anchor, head, colour } = cursor;
  if (head < 0) return [];
  const at = Math.min(head, length);
  const [from, to] = [Math.min(anchor, at), Math.min(Math.max(anchor, at), length)];
  const flag = new Flag(cursor);
  const list = [Decoration.widget({ widget: flag, side: 1 }).range(at)];
  if (from < to)
    list.push(Decoration.mark({ class: `cm-chosen cm-chosen-${colour}` }).range(from, to));
  return list;
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, { changes, effects, newDoc }) {
    for (const effect of effects)
      if (effect.is(showCursors))
        return Decoration.set(
          effect.value.flatMap((cursor) => marks(cursor, newDoc.length)),
          true,
        );
    return shown.map(changes);
  },
  provide: (own) => EditorView.decorations.from(own),
});

const look = EditorView.theme({
  '.cm-content:has(.cm-other)': { paddingTop: '1.2rem' },
  '.cm-other': {
    position: 'relative',
    borderLeft: '2px solid',
    marginLeft: '-1px',
    marginRight: '-1px',
  },
  '.cm-other > span': {
    position: 'absolute',
    left: '-2px',
    bottom: '100%',
    padding: '0 0.3em',
    borderRadius: '3px 3px 3px 0',
    color: '#fff',
    font: '600 0.7rem/1.4 var(--font)',
    whiteSpace: 'nowrap',
    pointerEvents: 'none',
    userSelect: 'none',
  },
  ...Object.fromEntries(
    colours.flatMap((colour, i) => [
      [`.cm-other-${i}`, { borderColor: colour }],
      [`.cm-other-${i} > span`, { background: colour }],
      [`.cm-chosen-${i}`, { background: `${colour}33` }],
    ]),
  ),
});

/** Cursors of others, with their names. */
export const cursors = [field, look];
