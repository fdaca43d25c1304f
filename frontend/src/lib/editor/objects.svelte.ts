import { get } from '$lib/api/client';
import type { Hit } from '$lib/api/types';
import { anyRoom } from '$lib/live/room.svelte';
import { typeOf } from './words';

/** What a form shows of an object that a field names. */
export interface Named {
  stix_id: string;
  /** ATT&CK id, or the label of the proposal that makes it. */
  label: string;
  name: string;
  type: string;
  href: string;
}

export const namedBy = (hit: Hit): Named => ({
  stix_id: hit.stix_id,
  label: hit.attack_id,
  name: hit.name,
  type: hit.type,
  href: `/objects/${encodeURIComponent(hit.attack_id || hit.stix_id)}`,
});

/** The objects that fields name: those of the taxonomy are asked for once, proposed ones are in the room. */
export class Names {
  #room = anyRoom();
  #found = $state.raw<Record<string, Named>>({});
  #asked = new Set<string>();

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

  keep(named: Named) {
    this.#found = { ...this.#found, [named.stix_id]: named };
  }

  /** The object of an id, as soon as it is known. */
  of(id: string): Named | undefined {
    return this.#found[id] ?? this.proposed([typeOf(id)]).find((one) => one.stix_id === id);
  }

  /** Asks for objects that are not known yet. */
  ask(ids: string[]) {
    for (const id of ids) {
      if (!id || this.#asked.has(id) || this.of(id)) continue;
      this.#asked.add(id);
      get('/search', { q: id, limit: 1 }).then(
        ({ hits: [hit] }) => {
          if (hit?.stix_id === id) this.keep(namedBy(hit));
        },
        () => undefined, // the id is shown instead
      );
    }
  }
}

const OPEN = ['submitted', 'in_review', 'changes_requested', 'accepted'];
