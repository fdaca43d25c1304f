import type { PageLoad } from './$types';

export const load: PageLoad = ({ url }) => ({
  kind: url.searchParams.get('kind') ?? '',
  object: url.searchParams.get('object') ?? '',
  message: url.searchParams.get('message') ?? '',
  template: url.searchParams.get('template') ?? '',
  objects: (url.searchParams.get('objects') ?? '').split(',').filter((id) => id),
});
