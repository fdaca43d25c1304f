import { get } from '$lib/api/client';
import type { LayoutLoad } from './$types';

export const ssr = false;
export const prerender = false;

export const load: LayoutLoad = async ({ depends }) => {
  depends('atelier:me');
  const me = await get('/me');
  return { me: { ...me, memberships: me.memberships ?? [] } };
};
