import { error } from '@sveltejs/kit';
import { Problem } from '$lib/api/client';
import { readRoom } from '$lib/live/room.svelte';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ params, parent }) => {
  const { me } = await parent();
  try {
    return { room: await readRoom(params.workshop, me.user?.id ?? '') };
  } catch (cause) {
    if (cause instanceof Problem && [401, 403, 404].includes(cause.status))
      error(404, cause.message);
    throw cause;
  }
};
