import { get } from '$lib/api/client';
import { fetchRoom, LiveRoom } from '$lib/live/room.svelte';
import { error } from '@sveltejs/kit';
import { Problem } from '$lib/api/client';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ params, parent }) => {
  try {
    const [{ me }, room, workflow] = await Promise.all([
      parent(),
      fetchRoom(params.workshop),
      get('/workflow'),
    ]);
    return { room: new LiveRoom(room, me.user?.id ?? '', workflow ?? []) };
  } catch (cause) {
    if (cause instanceof Problem && [401, 403, 404].includes(cause.status))
      error(404, cause.message);
    throw cause;
  }
};
