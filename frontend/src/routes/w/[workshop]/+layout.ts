import { error } from '@sveltejs/kit';
import { isLost, readRoom } from '$lib/live/room.svelte';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ params, parent }) => {
  const { me } = await parent();
  try {
    return { room: await readRoom(params.workshop, me.user?.id ?? '') };
  } catch (cause) {
    if (isLost(cause)) error(404, (cause as Error).message);
    throw cause;
  }
};
