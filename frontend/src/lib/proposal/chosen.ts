import { placeLike, wordsBetween } from './pieces';

/** The words that are selected in one field's text, with their place in it. */
export interface Selected {
  field: string;
  quote: string;
  /** -1: the text does not have them as they read. */
  start: number;
}

/** What is selected within a box whose fields' texts are marked with data-words-of. */
export function selected(
  box: HTMLElement,
  selection: Selection | null,
  textOf: (field: string) => string,
): Selected | undefined {
  if (!selection || selection.isCollapsed || !selection.rangeCount) return undefined;
  const range = selection.getRangeAt(0);
  const within = (node: Node) =>
    (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>('[data-words-of]');
  const element = within(range.startContainer) ?? within(range.endContainer);
  const field = element?.dataset.wordsOf;
  if (!element || !field || !box.contains(element)) return undefined;
  const text = textOf(field);
  if (!text || !selection.toString().trim()) return undefined;
  const parts = [...element.querySelectorAll<HTMLElement>('[data-at]')];
  return {
    field,
    ...(parts.length ? asWritten(parts, range, text) : asRead(element, range, text)),
  };
}

// As it was written, each part knows its place.
function asWritten(parts: HTMLElement[], range: Range, text: string) {
  let from = Infinity;
  let to = -1;
  for (const part of parts.filter((one) => range.intersectsNode(one))) {
    const at = Number(part.dataset.at);
    const inside = (node: Node, offset: number) => (node === part.firstChild ? offset : undefined);
    from = Math.min(from, at + (inside(range.startContainer, range.startOffset) ?? 0));
    const end = inside(range.endContainer, range.endOffset) ?? part.textContent.length;
    to = Math.max(to, at + end);
  }
  return wordsBetween(text, Math.min(from, text.length), to);
}

// As it will read, the same words are looked for in what was written.
function asRead(element: HTMLElement, range: Range, text: string) {
  const quote = range.toString().trim();
  const before = document.createRange();
  before.setStart(element, 0);
  before.setEnd(range.startContainer, range.startOffset);
  return { quote, start: placeLike(text, quote, before.toString()) };
}
