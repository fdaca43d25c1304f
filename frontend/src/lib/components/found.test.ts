import { describe, expect, it } from 'vitest';
import type { Hit, Proposal } from '$lib/api/types';
import { results } from './found';

const hit = (attack_id: string, name: string) =>
  ({ stix_id: `s-${attack_id}`, attack_id, type: 'technique', name, context: name }) as Hit;
const proposal = {
  id: 'p',
  workshop: 'w',
  number: 4,
  state: 'accepted',
  title: 'Refine T1059',
  rationale: '',
  updated_at: '2026-01-01T00:00:00.000Z',
  object: { label: 'T1059', attack_id: 'T1059', name: '', stix_id: '', type: '' },
} as unknown as Proposal;

describe('results', () => {
  it('puts proposals first, but not before the object of the very id', () => {
    const hits = [hit('T1059', 'Interpreter')];
    expect(results('refine', hits, [proposal], 'w').map((f) => f.key)).toEqual(['p', 's-T1059']);
    expect(results('t1059', hits, [proposal], 'w').map((f) => f.key)).toEqual(['s-T1059', 'p']);
  });
  it('leads to the page of each, within the workshop', () => {
    const [found, object] = results('refine', [hit('T1', 'A')], [proposal], 'w');
    expect([found?.href, object?.href]).toEqual(['/w/w/proposals/p', '/objects/T1?w=w']);
    expect(results('ab', [hit('T1', 'A')], [], undefined)[0]?.href).toBe('/objects/T1');
  });
  it('waits for two letters', () => expect(results('r', [], [proposal], 'w')).toEqual([]));
});
