import { page } from '$app/state';
import { get } from '$lib/api/client';
import type { Hit, Link, Proposal } from '$lib/api/types';
import { anyRoom, type LiveRoom } from '$lib/live/room.svelte';
import { typeOf } from './words';

/** What a form shows of an object that a field names. */
export interface Named {
  stix_id: string;
  /** ATT&CK id, or the label that stands for it until it has one. */
  label: string;
  name: string;
  type: string;
  /** What people call the type, where that is known. */
  type_label?: string;
  href: string;
  /** A proposal makes it, or only a draft of mine: it does not exist yet. */
  proposed?: 'proposed' | 'draft' | 'lost';
  /** It is a sub-technique. */
  sub?: boolean;
}

export const namedBy = (hit: Link | Hit): Named => ({
  stix_id: hit.stix_id,
  label: hit.attack_id,
  name: hit.name,
  type: hit.type,
  type_label: 'type_label' in hit ? hit.type_label : undefined,
  href: `/objects/${encodeURIComponent(hit.attack_id || hit.stix_id)}`,
  sub: hit.type === 'attack-pattern' && hit.attack_id.includes('.'),
});

const OPEN = ['submitted', 'in_review', 'changes_requested', 'accepted'];

const LOST = ['rejected', 'withdrawn'];

/** The objects that proposals would add, those of one that changes several among them. */
export function madeBy(proposals: Proposal[]): Named[] {
  return madeIn(proposals.filter((p) => p.revision === 0 || OPEN.includes(p.state)));
}

/** Those, and what proposals would have added that were turned down: others may name it still. */
export function namedBefore(proposals: Proposal[]): Named[] {
  const lost = proposals.filter((p) => p.revision > 0 && LOST.includes(p.state));
  return [
    ...madeBy(proposals),
    ...madeIn(lost).map((one) => ({ ...one, proposed: 'lost' as const })),
  ];
}

function madeIn(proposals: Proposal[]): Named[] {
  return proposals
    .flatMap((p) => {
      const own = p.action === 'add' ? [{ ...p.object, kind: p.kind }] : [];
      return [...own, ...(p.makes ?? [])].map((one) => ({
        stix_id: one.stix_id,
        label: one.label,
        name: one.name || (one.stix_id === p.object.stix_id ? p.title : 'Untitled'),
        type: one.type,
        href: `/w/${p.workshop}/proposals/${p.id}${p.revision ? '' : '/edit'}`,
        proposed: p.revision ? ('proposed' as const) : ('draft' as const),
        sub: one.kind === 'sub-technique',
      }));
    })
    .filter((one) => one.type !== 'relationship');
}

/** Drafts that I write in; nobody tells of them, so they are read when somebody chooses. */
class Drafts {
  list = $state.raw<Proposal[]>([]);
  #read = 0;

  /** Reads them, unless that was done a moment ago. */
  async look(workshop: string) {
    if (Date.now() - this.#read < 5_000) return;
    this.#read = Date.now();
    try {
      this.list = await get(`/workshops/${workshop}/drafts`);
    } catch {
      this.#read = 0; // Then what is known is offered.
    }
  }
}
const drafts = new WeakMap<LiveRoom, Drafts>();

/** The objects that fields name: the draft has those of the taxonomy, the room those that are proposed. */
export class Names {
  #room = anyRoom();
  #drafts = new Drafts();
  /** The proposal that is written here, which does not build on itself. */
  #self = page.params.id;
  #picked = $state.raw<Record<string, Named>>({});

  constructor(readonly known: () => Record<string, Link> = () => ({})) {
    const room = this.#room;
    if (!room) return;
    this.#drafts = drafts.get(room) ?? this.#drafts;
    drafts.set(room, this.#drafts);
    if (room.can('propose')) void this.look();
  }

  /** Looks what drafts of mine there are. */
  async look() {
    if (this.#room) await this.#drafts.look(this.#room.state.workshop.id);
  }

  /** Those that open proposals and drafts of mine would add, of some types; none: of any. */
  proposed(types: string[], query = ''): Named[] {
    const words = query.trim().toLowerCase().split(/\s+/);
    const open = this.#room?.state.proposals ?? [];
    const own = this.#drafts.list.filter(
      (p) => p.revision === 0 && !open.some((o) => o.id === p.id),
    );
    return madeBy([...open, ...own].filter((p) => p.id !== this.#self))
      .filter((one) => !types.length || types.includes(one.type))
      .filter((one) => {
        const text = `${one.label} ${one.name}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
  }

  /** Keeps one that was picked, until the draft has it. */
  keep(named: Named) {
    this.#picked = { ...this.#picked, [named.stix_id]: named };
  }

  of(id: string): Named | undefined {
    const link = this.known()[id];
    return (
      this.#picked[id] ??
      (link && namedBy(link)) ??
      this.proposed([typeOf(id)]).find((one) => one.stix_id === id) ??
      namedBefore(this.#room?.state.proposals ?? []).find((one) => one.stix_id === id)
    );
  }
}
