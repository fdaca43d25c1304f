import type { Hit, Link } from '$lib/api/types';
import { anyRoom } from '$lib/live/room.svelte';
import { typeOf } from './words';

/** What a form shows of an object that a field names. */
export interface Named {
  stix_id: string;
  /** ATT&CK id, or the label of the proposal that makes it. */
  label: string;
  name: string;
  type: string;
  /** What people call the type, where that is known. */
  type_label?: string;
  href: string;
}

export const namedBy = (hit: Link | Hit): Named => ({
  stix_id: hit.stix_id,
  label: hit.attack_id,
  name: hit.name,
  type: hit.type,
  type_label: 'type_label' in hit ? hit.type_label : undefined,
  href: `/objects/${encodeURIComponent(hit.attack_id || hit.stix_id)}`,
});

/** The objects that fields name: the draft has those of the taxonomy, the room those that are proposed. */
export class Names {
  #room = anyRoom();
  #picked = $state.raw<Record<string, Named>>({});

  constructor(readonly known: () => Record<string, Link> = () => ({})) {}

  /** Those that open proposals would add, of some types; none: of any. */
  proposed(types: string[], query = ''): Named[] {
    const words = query.trim().toLowerCase();
    return (this.#room?.state.proposals ?? [])
      .filter(
        (p) => p.action === 'add' && OPEN.includes(p.state) && p.object.type !== 'relationship',
      )
      .filter((p) => !types.length || types.includes(p.object.type))
      .filter((p) => `${p.object.label} ${p.object.name}`.toLowerCase().includes(words))
      .map((p) => ({
        stix_id: p.object.stix_id,
        label: p.object.label,
        name: p.object.name || p.title,
        type: p.object.type,
        href: `/w/${p.workshop}/proposals/${p.id}`,
      }));
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
      this.proposed([typeOf(id)]).find((one) => one.stix_id === id)
    );
  }
}

const OPEN = ['submitted', 'in_review', 'changes_requested', 'accepted'];
