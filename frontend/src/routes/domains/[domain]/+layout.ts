import { reuseRoom } from '$lib/live/room.svelte';
import type { LayoutLoad } from './$types';

/** The pages of a domain are anybody's; from a workshop they know its room. */
export const load: LayoutLoad = async ({ url, parent }) => {
  const { me } = await parent();
  const workshop = url.searchParams.get('w') ?? '';
  const member = me.memberships.some((one) => one.workshop.id === workshop);
  return { room: member ? await reuseRoom(workshop, me.user?.id ?? '') : undefined };
};
