import type { Form, Proposal } from '$lib/api/types';

/** Where a message stands: in the room, or in the discussion of a proposal. */
export function placeOf(
  workshop: string,
  { message, anchor }: { message: string; anchor: string },
) {
  const [type, id] = anchor.split(':');
  return `/w/${workshop}${type === 'proposal' ? `/proposals/${id ?? ''}` : ''}#message-${message}`;
}

const ID = /(?<![\w.])(?:TA|T|G|S|C|M|A|DC|DS|DET|AN)\d{4}(?:\.\d{3})?(?![\w])/g;
/** More than these are no longer what a message is about. */
const MOST = 4;

/** ATT&CK ids of what a message is about: the object of its proposal, and what it names. */
export function aboutOf(body: string, anchor: string, proposals: readonly Proposal[]): string[] {
  const of = proposals.find((p) => anchor === `proposal:${p.id}`)?.object.attack_id;
  return [...new Set([...(of ? [of] : []), ...(body.match(ID) ?? [])])].slice(0, MOST);
}

/** The kinds that a message about an object most likely becomes. */
export function kindsFor(forms: readonly Form[], type: string): Form[] {
  const refine = forms.find((form) => form.action === 'modify' && form.type === type);
  const example = forms.find((form) => form.common && form.type === 'relationship');
  const takes = example?.fields.some((f) => f.kind === 'object' && f.refers?.includes(type));
  return [...(refine ? [refine] : []), ...(example && takes ? [example] : [])];
}
