import { error, redirect } from '@sveltejs/kit';
import { get, Problem } from '$lib/api/client';
import { placeOf } from '$lib/editor/said';
import type { PageLoad } from './$types';

/** Leads to a message wherever it stands, for who knows nothing but its id. */
export const load: PageLoad = async ({ params }) => {
  try {
    const { anchor } = await get(`/workshops/${params.workshop}/messages/${params.message}`);
    redirect(307, placeOf(params.workshop, { anchor, message: params.message }));
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 404) error(404, cause.message);
    throw cause;
  }
};
