import type { Hit } from '$lib/api/types';

type Where = Pick<Hit, 'where' | 'via'>;

/** Where a hit was found, if not in what it is called; for a relationship, through whom. */
export function foundIn({ where, via }: Where): string {
  if (where === 'alias') return 'Also known as';
  if (where === 'citation') return 'Source';
  if (where !== 'relationship' || !via) return '';
  const other = [via.object.attack_id, via.object.name].filter(Boolean).join(' ');
  const kind = via.kind.replaceAll('-', ' '); // relationship_type is written so: revoked-by
  return via.source ? `${other} ${kind} this` : `${capital(kind)} ${other}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Was it found by what it is called, and not by what its texts say? */
export const byName = ({ where }: Pick<Hit, 'where'>) =>
  where === 'id' || where === 'name' || where === 'alias';

/** "1 object", "1,234 objects". */
export const objects = (n: number) => (n === 1 ? '1 object' : `${n.toLocaleString('en')} objects`);
