/** What is looked for in messages; what is empty does not narrow. */
export interface Asked {
  q: string;
  by: string;
  about: string;
}

/** What messages can be about, as they are narrowed by. */
export const ABOUT = [
  ['workshop', 'the room'],
  ['group', 'groups'],
  ['proposal', 'proposals'],
  ['object', 'objects of ATT&CK'],
  ['agenda', 'the agenda'],
] as const;

export type About = (typeof ABOUT)[number][0];

export const askedIn = (params: URLSearchParams): Asked => ({
  q: params.get('q') ?? '',
  by: params.get('by') ?? '',
  about: params.get('about') ?? '',
});

/** The parameters of a search, without those that are empty. */
export function paramsOf({ q, by, about }: Asked) {
  const one = ABOUT.find(([kind]) => kind === about)?.[0];
  return { ...(q ? { q } : {}), ...(by ? { by } : {}), ...(one ? { about: one } : {}) };
}
