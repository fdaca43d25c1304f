import { get } from '$lib/api/client';
import type { Domain } from '$lib/api/types';

export const load = async () => ({ domains: (await get<Domain[]>('/domains')) ?? [] });
