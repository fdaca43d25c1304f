import { error } from '@sveltejs/kit';
import { get, Problem } from '$lib/api/client';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  const at = url.searchParams.get('at') ?? '';
  const steps = url.searchParams.get('steps') === '2' ? 2 : 1;
  try {
    const graph = await get(`/objects/${encodeURIComponent(params.id)}/graph`, {
      steps,
      at: Number(at) || undefined,
    });
    return { graph };
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 404) error(404, cause.message);
    throw cause;
  }
};
