import type { Form, Proposal, Room } from '$lib/api/types';

/** Where a message stands. */
export const placeOf = (
  workshop: string,
  { message, anchor }: { message: string; anchor: string },
) => `${whereOf(workshop, anchor)}#message-${message}`;

/** The page on which a thing is discussed: a proposal, group, item of the agenda, object, or the room. */
export function whereOf(workshop: string, anchor: string): string {
  const [type = '', id = ''] = anchor.split(':', 2);
  const pages: Record<string, string> = {
    proposal: 'proposals',
    group: 'groups',
    agenda: 'agenda',
  };
  if (type === 'object') return `/objects/${encodeURIComponent(id)}?w=${workshop}`;
  return `/w/${workshop}${pages[type] ? `/${pages[type]}/${id}` : ''}`;
}

/** What is discussed is called so; the room has no name. */
export function calledOf(
  { anchor, label = '' }: { anchor: string; label?: string },
  { proposals, workshop, desk }: Pick<Room, 'proposals' | 'workshop' | 'desk'>,
): string {
  const [type, id] = anchor.split(':', 2);
  if (type === 'proposal') {
    const one = proposals.find((p) => p.id === id);
    return one ? `#${String(one.number)} ${one.title}` : 'a proposal';
  }
  if (type === 'group') return desk.groups?.list.find((g) => g.id === id)?.name ?? 'a group';
  if (type === 'agenda') return workshop.agenda?.find((item) => item.id === id)?.title ?? label;
  return label;
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
