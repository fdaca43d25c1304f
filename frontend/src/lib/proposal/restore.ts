import { get, put } from '$lib/api/client';
import type { Content, Draft, RevisionContent } from '$lib/api/types';

/** Where a draft is read and saved. */
type Path = `/workshops/${string}/proposals/${string}`;

type Reasons = Draft['explained'];

/** Why what must not be shared may stand in a revision. */
const reasonsOf = ({ checks }: RevisionContent): Reasons =>
  Object.fromEntries(
    checks.flatMap(({ shared }) => (shared?.reason ? [[shared.key, shared.reason]] : [])),
  );

const contentOf = (revision: RevisionContent): Content =>
  Object.fromEntries(revision.fields.map((one) => [one.field.name, one.after]));

/** Puts what a revision says into the draft, and gives back how that is undone. */
export async function restore(path: Path, revision: RevisionContent): Promise<() => Promise<void>> {
  const before = await get(`${path}/draft`);
  const reasons = { ...before.explained, ...reasonsOf(revision) };
  const after = await save(path, before, contentOf(revision), reasons);
  return async () => {
    await save(path, after, before.content, before.explained);
  };
}

const save = (
  path: Path,
  { version, proposal: { rationale, bump } }: Draft,
  content: Content,
  explained: Reasons,
) => put(`${path}/draft`, { version, content, rationale, bump, explained });
