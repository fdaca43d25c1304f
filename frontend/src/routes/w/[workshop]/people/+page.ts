import { get } from '$lib/api/client';

export const load = async ({ parent }) => {
  const { room } = await parent();
  return { vocabulary: await get(`/domains/${room.state.workshop.domain}/vocabulary`) };
};
