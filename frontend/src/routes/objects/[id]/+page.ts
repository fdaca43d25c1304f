import { error } from '@sveltejs/kit';
import { Problem } from '$lib/api/client';
import { beginningOf } from '$lib/object/beginning';
import { reuseRoom } from '$lib/live/room.svelte';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url, parent }) => {
  const { me } = await parent();
  const workshop = url.searchParams.get('w') ?? '';
  const at = url.searchParams.get('at') ?? '';
  const member = me.memberships.some((one) => one.workshop.id === workshop);
  try {
    const [shown, room] = await Promise.all([
      beginningOf(params.id, at, url),
      member ? reuseRoom(workshop, me.user?.id ?? '') : undefined,
    ]);
    return { shown, room, at };
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 404) error(404, cause.message);
    throw cause;
  }
};
