import { get } from '$lib/api/client';
import type { PageLoad } from './$types';

export const load: PageLoad = async () => ({ domains: await get('/domains') });
