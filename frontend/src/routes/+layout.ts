import { get } from '$lib/api/client';
import type { Me } from '$lib/api/types';
import type { LayoutLoad } from './$types';

export const ssr = false;
export const prerender = false;

export const load: LayoutLoad = async ({ depends }) => {
  depends('atelier:me');
  const me = await get<Me>('/me');
  return { me: { ...me, memberships: me.memberships ?? [] } };
};
