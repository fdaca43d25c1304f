import { get } from '$lib/api/client';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => ({
  forms: await get('/types'),
  kind: url.searchParams.get('kind') ?? '',
  object: url.searchParams.get('object') ?? '',
});
