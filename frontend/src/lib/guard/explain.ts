import { asProblem, post } from '$lib/api/client';
import type { Proposal, Shared } from '$lib/api/types';
import { toasts } from '$lib/toasts.svelte';

/** Says of a submitted proposal why something in it may stand; pages hear of it by its event. */
export async function explain(
  { workshop, id, revision }: Proposal,
  { key }: Shared,
  reason: string,
) {
  try {
    await post(`/workshops/${workshop}/proposals/${id}/explain`, {
      revision,
      explained: { [key]: reason },
    });
    toasts.good('Explained.');
  } catch (cause) {
    toasts.bad(asProblem(cause));
  }
}
