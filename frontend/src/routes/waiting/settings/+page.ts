import { get } from '$lib/api/client';

export const load = async () => ({ settings: await get('/me/notices') });
