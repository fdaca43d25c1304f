import { error } from '@sveltejs/kit';
import { get, Problem } from '$lib/api/client';
import type { PageLoad } from './$types';

/** How many lines a page has. */
const SIZE = 100;
const STATES = ['live', 'revoked', 'deprecated'] as const;
const CHANGES = ['added', 'changed', 'removed'] as const;

export const load: PageLoad = async ({ params, url }) => {
  const at = (name: string) => url.searchParams.get(name) ?? '';
  const number = (name: string) => (/^\d{1,9}$/.test(at(name)) ? Number(at(name)) : undefined);
  const offset = number('offset') ?? 0;
  try {
    const list = await get(`/domains/${encodeURIComponent(params.domain)}/objects`, {
      type: at('type') || undefined,
      q: at('q') || undefined,
      state: STATES.find((one) => one === at('state')),
      release: number('release'),
      change: CHANGES.find((one) => one === at('change')),
      at: number('at'),
      offset,
      limit: SIZE,
    });
    return { list, offset, size: SIZE };
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 404) error(404, cause.message);
    throw cause;
  }
};
