import { get } from '$lib/api/client';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, depends }) => {
  depends('atelier:drafts');
  return { drafts: await get(`/workshops/${params.workshop}/drafts`) };
};
