import { error } from '@sveltejs/kit';
import { get, Problem } from '$lib/api/client';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  try {
    const shown = await get(`/objects/${encodeURIComponent(params.id)}`);
    return { shown, workshop: url.searchParams.get('w') };
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 404) error(404, cause.message);
    throw cause;
  }
};
