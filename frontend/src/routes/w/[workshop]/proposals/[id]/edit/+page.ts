import { get, Problem } from '$lib/api/client';
import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const path = `/workshops/${params.workshop}/proposals/${params.id}/draft` as const;
  try {
    const [draft, { room }] = await Promise.all([get(path), parent()]);
    const form = room.forms.find((f) => f.kind === draft.proposal.kind);
    if (!form) error(500, `This page has no form for “${draft.proposal.kind}”. Reload it.`);
    const vocabulary = await get(`/domains/${draft.proposal.domain}/vocabulary`);
    return { draft, form, vocabulary, mayEdit: room.can('edit', draft.proposal) };
  } catch (cause) {
    if (cause instanceof Problem && [403, 404].includes(cause.status))
      error(cause.status, cause.message);
    throw cause;
  }
};
