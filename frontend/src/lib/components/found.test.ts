import { describe, expect, it } from 'vitest';
import type { Hit, Proposal } from '$lib/api/types';
import { results } from './found';

const hit = (attack_id: string, name: string) =>
  ({ stix_id: `s-${attack_id}`, attack_id, type: 'attack-pattern', name }) as Hit;
const answer = (...hits: Hit[]) => ({ hits, total: hits.length });
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
  const keys = (q: string, hits: Hit[], proposals = [proposal]) =>
    results(q, answer(...hits), proposals, 'w').map((f) => f.key);

  it('puts proposals first, but not before the object of the very id', () => {
    const hits = [hit('T1059', 'Interpreter')];
    expect(keys('refine', hits)).toEqual(['p', 's-T1059', 'all']);
    expect(keys('t1059', hits)).toEqual(['s-T1059', 'p', 'all']);
  });
  it('leads to the page of each and to all, within the workshop', () => {
    const found = results('refine', answer(hit('T1', 'A')), [proposal], 'w');
    expect(found.map((one) => one.href)).toEqual([
      '/w/w/proposals/p',
      '/objects/T1?w=w',
      '/search?q=refine&w=w',
    ]);
    const alone = results('ab ', { hits: [hit('', 'A')], total: 2000 }, [], undefined);
    expect(alone.map((one) => one.href)).toEqual(['/objects/s-', '/search?q=ab']);
    const then = results('ab', answer(hit('T1', 'A')), [], undefined, 7);
    expect(then.map((one) => one.href)).toEqual(['/objects/T1?at=7', '/search?q=ab&at=7']);
    expect(alone[1]?.all).toBe('All results: 2,000 objects');
  });
  it('waits for two letters, and leads to no page without results', () => {
    expect(keys('r', [])).toEqual([]);
    expect(keys('refine', [])).toEqual(['p']);
  });
});
