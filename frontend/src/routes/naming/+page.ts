import { get } from '$lib/api/client';

export const load = async () => ({ naming: await get('/me/naming') });
