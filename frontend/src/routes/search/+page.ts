import { asProblem, get } from '$lib/api/client';
import { readAsked } from '$lib/search/address';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
  const asked = readAsked(url.searchParams);
  const nothing = !asked.q.trim() && !asked.type.length && !asked.domain.length;
  if (nothing && !asked.tactic.length && !asked.platform.length) return { asked };
  try {
    return { asked, found: await get('/search', { ...asked, at: asked.at || undefined }) };
  } catch (cause) {
    // A search that fails leaves the person on its page, with what was typed.
    return { asked, problem: asProblem(cause).message };
  }
};
