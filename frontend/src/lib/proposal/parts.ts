import type { PartContent } from '$lib/api/types';

/** How many parts are shown before somebody asks for all. */
export const PARTS_AT_FIRST = 30;

export const partName = ({ object }: PartContent) => `${object.attack_id} ${object.name}`.trim();

/** What a part does, in few words: where it leads, or which fields it changes. */
export function partSays(part: PartContent): string {
  const label = (name: string) => {
    const change = part.fields.find((one) => one.field.name === name);
    const id = change?.after.text ?? '';
    return change?.labels?.[id] ?? id;
  };
  if (part.action === 'revoke') return `its id leads to ${label('replacement')}`;
  if (part.kind === 'hand-over-relationship') return `to ${label('target')}`;
  if (part.action === 'add') {
    const parent = label('parent');
    return parent ? `under ${parent}` : '';
  }
  return part.fields.map((one) => one.field.label.toLowerCase()).join(', ');
}
