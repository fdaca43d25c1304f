import type { Proposal } from '$lib/api/types';

/** The STIX ids of the objects that a proposal would add. */
function makes(p: Proposal): string[] {
  const own = p.action === 'add' ? [p.object.stix_id] : [];
  return [...own, ...(p.makes ?? []).map((one) => one.stix_id)];
}

const names = (p: Proposal, made: string[]) => p.refers.some((id) => made.includes(id));
const submitted = (p: Proposal) => p.revision > 0;
const lost = (p: Proposal) => p.state === 'withdrawn' || p.state === 'rejected';

/** The proposals that make what this one names. */
export function basesOf(p: Proposal, all: Proposal[]): Proposal[] {
  return all.filter((one) => one.id !== p.id && submitted(one) && names(p, makes(one)));
}

/** The open proposals that name what this one makes. */
export function buildingOn(p: Proposal, all: Proposal[]): Proposal[] {
  const made = makes(p);
  return all.filter((one) => one.id !== p.id && submitted(one) && !lost(one) && names(one, made));
}

/** What a proposal waits for of one that it builds on; empty where it does not. */
export function waitsFor(base: Proposal): string {
  if (lost(base)) return `was ${base.state}: name another object, or take it out`;
  if (base.state === 'accepted') return 'is released before it or with it';
  return base.state === 'released' ? '' : 'has to be accepted first';
}
