import { get, put } from '$lib/api/client';
import type { Content, Draft, RevisionContent } from '$lib/api/types';

/** Where a draft is read and saved. */
type Path = `/workshops/${string}/proposals/${string}`;

const contentOf = (revision: RevisionContent): Content =>
  Object.fromEntries(revision.fields.map((one) => [one.field.name, one.after]));

/** Puts what a revision says into the draft, and gives back how that is undone. */
export async function restore(path: Path, revision: RevisionContent): Promise<() => Promise<void>> {
  const before = await get(`${path}/draft`);
  const after = await save(path, before, contentOf(revision));
  return async () => {
    await save(path, after, before.content);
  };
}

const save = (path: Path, { version, proposal }: Draft, content: Content) =>
  put(`${path}/draft`, { version, content, rationale: proposal.rationale, bump: proposal.bump });
