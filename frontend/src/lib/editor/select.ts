import type { Place, Shared } from '$lib/api/types';
import { standing } from '$lib/guard/places';

/** The ids of the inputs of a reference, behind that of the reference itself. */
const parts: Record<string, string> = { source_name: '', url: '-url', description: '-source' };

/** The input that holds the text of a place. */
function inputOf(field: HTMLElement, name: string, { item, part }: Place): HTMLElement | null {
  const of = (id: string) => field.querySelector<HTMLElement>(`#${CSS.escape(id)}`);
  return (
    (part !== undefined &&
      (of(`row-${name}-${item}-${part}`) ?? of(`field-${name}-${item}${parts[part]}`))) ||
    // An element of a list is no input: its button is what has the focus.
    field.querySelectorAll<HTMLElement>('li.badge button')[item] ||
    of(`field-${name}`)
  );
}

/** Shows a part of what a field holds, and selects it where it is text that is being written. */
export function select(field: HTMLElement, name: string, place: Place, { text }: Shared) {
  const input = inputOf(field, name, place);
  const folded = input?.closest('details');
  if (folded) folded.open = true;
  input?.focus();
  if (input instanceof HTMLTextAreaElement || input instanceof HTMLInputElement) {
    const span = standing(input.value, text, place);
    if (span) input.setSelectionRange(span.from, span.to);
    // A browser leads to what is selected when the text gets the focus.
    input.blur();
    input.focus();
  }
  (input ?? field).scrollIntoView({ block: 'center' });
}
