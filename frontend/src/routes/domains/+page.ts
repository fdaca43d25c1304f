import { get } from '$lib/api/client';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent }) => {
  const { me } = await parent();
  const domains = me.signed_in ? await get('/domains') : [];
  return {
    domains: await Promise.all(
      domains.map(async (domain) => ({
        domain,
        collections: await get(`/domains/${encodeURIComponent(domain.id)}/collections`),
      })),
    ),
  };
};
