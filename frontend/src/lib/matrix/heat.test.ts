import { describe, expect, it } from 'vitest';
import type { Matrix, Proposal } from '$lib/api/types';
import { countByObject, filterMatrix, proposedIn, step } from './heat';

const matrix: Matrix = {
  domain: 'd',
  name: 'n',
  version: '1',
  platforms: ['Linux', 'Windows'],
  tactics: [
    {
      shortname: 'a',
      name: 'A',
      attack_id: 'TA1',
      stix_id: 'x-1',
      techniques: [
        {
          stix_id: 't1',
          attack_id: 'T1',
          name: 'Alpha',
          platforms: ['Windows'],
          subtechniques: [
            { stix_id: 's1', attack_id: 'T1.001', name: 'Needle', platforms: ['Linux'] },
          ],
        },
        { stix_id: 't2', attack_id: 'T2', name: 'Beta', platforms: ['Windows'] },
      ],
    },
  ],
};

describe('the matrix', () => {
  it('keeps a technique whose sub-technique fits, and unfolds it', () => {
    const [column] = filterMatrix(matrix, '', 'needle');
    expect(column?.techniques.map((t) => [t.attack_id, t.unfold])).toEqual([['T1', true]]);
  });
  it('filters by platform', () => {
    expect(filterMatrix(matrix, 'Linux', '')[0]?.techniques.map((t) => t.attack_id)).toEqual([
      'T1',
    ]);
    expect(filterMatrix(matrix, 'macOS', '')[0]?.techniques).toEqual([]);
  });
  it('counts living proposals once per object', () => {
    const p = (state: string, techniques: string[]) => ({ state, techniques }) as Proposal;
    const counts = countByObject([
      p('submitted', ['t1', 't1']),
      p('accepted', ['t1', 't2']),
      p('rejected', ['t2']),
    ]);
    expect([counts.get('t1'), counts.get('t2')]).toEqual([2, 1]);
    expect([0, 3, 9].map(step)).toEqual([0, 3, 4]);
  });
  const proposal = (kind: string, over: Partial<Proposal>) =>
    ({
      id: 'p',
      kind,
      state: 'submitted',
      title: 'New thing',
      object: { label: 'NEW-1', name: '' },
      tactics: ['a'],
      techniques: [],
      ...over,
    }) as unknown as Proposal;
  it('shows proposed techniques in their columns, and sub-techniques under their parents', () => {
    const list = [
      proposal('technique', {}),
      proposal('sub-technique', { id: 'q', techniques: ['t1'] }),
      proposal('refinement', { id: 'r' }),
      proposal('technique', { id: 's', state: 'withdrawn' }),
      proposal('technique', { id: 't', state: 'released' }),
    ];
    const [column] = filterMatrix(matrix, '', '', proposedIn(list));
    expect(column?.proposed.map((p) => [p.proposal, p.label])).toEqual([['p', 'NEW-1']]);
    expect(column?.techniques[0]?.proposed.map((p) => p.proposal)).toEqual(['q']);
  });
  it('filters them by text, and leaves them out of a filter by platform', () => {
    const list = proposedIn([proposal('sub-technique', { techniques: ['t2'] })]);
    const [column] = filterMatrix(matrix, '', 'new thing', list);
    expect(column?.techniques.map((t) => [t.attack_id, t.unfold])).toEqual([['T2', true]]);
    expect(filterMatrix(matrix, 'Linux', '', list)[0]?.techniques.map((t) => t.stix_id)).toEqual([
      't1',
    ]);
  });
});
