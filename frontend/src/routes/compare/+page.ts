import { get } from '$lib/api/client';
import type { ListedCollection } from '$lib/api/types';
import { usual } from '$lib/compare/list';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
  const { me } = await parent();
  const domains = me.signed_in ? await get('/domains') : [];
  const lists = await Promise.all(
    domains.map(async (one) => {
      const list = await get(`/domains/${encodeURIComponent(one.id)}/collections`);
      return [one.id, list] as const;
    }),
  );
  const collections = new Map<string, ListedCollection[]>(lists);
  const chosen = {
    from: Number(url.searchParams.get('from')),
    to: Number(url.searchParams.get('to')),
  };
  const domain = lists.find(([, list]) =>
    list.some((one) => one.id === (chosen.to || chosen.from)),
  );
  const wanted = url.searchParams.get('domain') ?? '';
  const first = lists.find(([id, list]) => usual(list) && (!wanted || id === wanted));
  const { from, to } =
    chosen.from && chosen.to ? chosen : (first && usual(first[1])) || { from: 0, to: 0 };
  return { domains, collections, domain: (domain ?? first)?.[0] ?? '', from, to };
};
