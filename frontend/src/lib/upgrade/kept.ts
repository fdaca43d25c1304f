import type { Kept } from '$lib/api/types';
import type { Tone } from '$lib/proposal/words';

type KeptObject = Kept['objects'][number];

const kinds: { how: KeptObject['how']; label: string; tone: Tone; means: string }[] = [
  {
    how: 'conflict',
    label: 'Both changed the same',
    tone: 'bad',
    means: 'What the release says stayed; a person should look, and refine it.',
  },
  {
    how: 'missing',
    label: 'No longer in ATT&CK',
    tone: 'bad',
    means: 'A release had changed it, so it stays.',
  },
  {
    how: 'adopted_named',
    label: 'ATT&CK has one of the same name',
    tone: 'warm',
    means: 'Both are there; see whether they are the same.',
  },
  { how: 'merged', label: 'Merged', tone: 'good', means: 'Both changes are in it.' },
  { how: 'changed', label: 'Kept as changed', tone: '', means: 'ATT&CK left it as it was.' },
  { how: 'added', label: 'Kept as added', tone: '', means: 'ATT&CK does not have it yet.' },
  { how: 'adopted', label: 'Adopted', tone: 'good', means: 'ATT&CK says all of it by now.' },
];

/** What became of what releases had made, what needs a look first. */
export function keptGroups(objects: readonly KeptObject[]) {
  return kinds
    .map((kind) => ({ ...kind, objects: objects.filter((one) => one.how === kind.how) }))
    .filter((group) => group.objects.length > 0);
}
