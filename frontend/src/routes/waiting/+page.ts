import { get } from '$lib/api/client';

export const load = async () => ({ waiting: await get('/me/waiting') });
