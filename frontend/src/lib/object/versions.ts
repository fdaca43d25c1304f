import type { Version } from '$lib/api/types';

export interface Pair {
  before: number;
  after: number;
}

/** The two versions that are compared: those chosen, or else the newest with the one before it. */
export function chosenPair(versions: readonly Version[], chosen: Pair): Pair {
  const has = (id: number) => versions.some((one) => one.id === id);
  const newest = versions[0]?.id ?? 0;
  return {
    before: has(chosen.before) ? chosen.before : (versions[1]?.id ?? newest),
    after: has(chosen.after) ? chosen.after : newest,
  };
}
