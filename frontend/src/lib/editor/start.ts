import { asProblem, get, newKey, post } from '$lib/api/client';
import type { Content, Draft, Proposal } from '$lib/api/types';

/** What a person set out to write: the kind of contribution, and the object that it is about. */
export interface Intent {
  kind: string;
  /** STIX or ATT&CK id; empty where the kind needs none. */
  object: string;
  /** STIX or ATT&CK ids of those that were selected. */
  objects?: string[];
  /** Id of the message that it begins with. */
  message?: string;
  /** Id of the template that it starts from. */
  template?: string;
}

/** The page that leads to it; what is left out is asked for. */
export function address(
  home: string,
  { kind, object, message, template }: Partial<Intent>,
): string {
  const query = new URLSearchParams();
  if (kind) query.set('kind', kind);
  if (object) query.set('object', object);
  if (message) query.set('message', message);
  if (template) query.set('template', template);
  return `${home}/propose${query.size ? `?${query}` : ''}`;
}

/** Starts a proposal. A second click, or a reload meanwhile, is the same write: it makes one. */
export async function begin(workshop: string, intent: Intent, content?: Content): Promise<Draft> {
  const name = `atelier-start:${workshop}:${intent.kind}:${intent.object}${(intent.objects ?? []).join()}${intent.message ?? ''}${intent.template ?? ''}`;
  const key = sessionStorage.getItem(name) ?? newKey();
  sessionStorage.setItem(name, key);
  try {
    const draft = await post(
      `/workshops/${workshop}/proposals`,
      {
        kind: intent.kind,
        object_id: intent.object || undefined,
        object_ids: intent.objects,
        message: intent.message || undefined,
        template: intent.template || undefined,
        content,
      },
      key,
    );
    sessionStorage.removeItem(name);
    return draft;
  } catch (cause) {
    if (asProblem(cause).status > 0) sessionStorage.removeItem(name);
    throw cause;
  }
}

/** A draft of mine with the same intent, the latest first; "untouched" when nothing was typed in it. */
export async function begun(
  workshop: string,
  intent: Intent,
): Promise<{ proposal: Proposal; untouched: boolean } | undefined> {
  const drafts = await get(`/workshops/${workshop}/drafts`);
  const proposal = drafts
    .filter((p) => p.kind === intent.kind && about(p, intent))
    .sort((a, b) => b.updated_at.localeCompare(a.updated_at))[0];
  if (!proposal) return undefined;
  if (proposal.revision > 0 || intent.message) return { proposal, untouched: false };
  const { version, texts } = await get(`/workshops/${workshop}/proposals/${proposal.id}/draft`);
  return { proposal, untouched: version === 1 && Object.values(texts).every((one) => one === 0) };
}

function about({ object, techniques, refers, origin }: Proposal, intent: Intent): boolean {
  if ((origin?.message ?? '') !== (intent.message ?? '')) return false;
  if (!intent.object) return refers.length === 0;
  return [object.stix_id, object.attack_id, ...techniques, ...refers].includes(intent.object);
}
