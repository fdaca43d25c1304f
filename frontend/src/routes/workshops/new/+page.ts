import { get } from '$lib/api/client';

export const load = async () => ({ domains: (await get('/domains')) ?? [] });
