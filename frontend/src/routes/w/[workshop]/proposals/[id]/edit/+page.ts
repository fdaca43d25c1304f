import { get, post, Problem } from '$lib/api/client';
import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const path = `/workshops/${params.workshop}/proposals/${params.id}/draft` as const;
  try {
    const [first, { room }] = await Promise.all([get(path), parent()]);
    let draft = first;
    const form = room.forms.find((f) => f.kind === draft.proposal.kind);
    if (!form) error(500, `This page has no form for “${draft.proposal.kind}”. Reload it.`);
    const mayEdit = room.can('edit', draft.proposal);
    const texts = form.fields.filter((field) => field.kind === 'markdown');
    if (mayEdit && texts.some(({ name }) => draft.texts[name] === undefined)) {
      await post(`/workshops/${params.workshop}/proposals/${params.id}/texts`);
      draft = await get(path);
    }
    const vocabulary = await get(`/domains/${draft.proposal.domain}/vocabulary`);
    return { draft, form, vocabulary, mayEdit };
  } catch (cause) {
    if (cause instanceof Problem && [403, 404].includes(cause.status))
      error(cause.status, cause.message);
    throw cause;
  }
};
