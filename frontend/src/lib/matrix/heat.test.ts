import { describe, expect, it } from 'vitest';
import type { Matrix, Proposal } from '$lib/api/types';
import { workflow } from '$lib/live/workflow.fixture';
import { countByObject, countShown, filterMatrix, NO_TACTIC, proposedIn, step } from './heat';
import { pictureOf, readLink, withLink, zoomed, zoomOf, type Link } from './link';

const link = (over: Partial<Link> = {}): Link => ({ ...readLink(new URLSearchParams()), ...over });

const matrix: Matrix = {
  domain: 'd',
  name: 'n',
  version: '1',
  platforms: ['Linux', 'Windows'],
  users: [],
  matrices: [],
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
    const [column] = filterMatrix(matrix, link({ q: 'needle' }));
    expect(column?.techniques.map((t) => [t.attack_id, t.unfold])).toEqual([['T1', true]]);
  });
  it('filters by platform', () => {
    expect(
      filterMatrix(matrix, link({ platform: 'Linux' }))[0]?.techniques.map((t) => t.attack_id),
    ).toEqual(['T1']);
    expect(filterMatrix(matrix, link({ platform: 'macOS' }))[0]?.techniques).toEqual([]);
  });
  it('counts living proposals once per object', () => {
    const p = (state: string, techniques: string[]) => ({ state, techniques }) as Proposal;
    const counts = countByObject(
      [
        p('submitted', ['t1', 't1']),
        p('accepted', ['t1', 't2']),
        p('rejected', ['t2']),
        p('released', ['t3']),
        p('draft', ['t3']),
      ],
      workflow,
    );
    expect(['t1', 't2', 't3'].map((id) => counts.get(id))).toEqual([2, 1, 1]);
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
    const [column] = filterMatrix(matrix, link(), { proposed: proposedIn(list, workflow) });
    expect(column?.proposed.map((p) => [p.proposal, p.label])).toEqual([['p', 'NEW-1']]);
    expect(column?.techniques[0]?.proposed.map((p) => p.proposal)).toEqual(['q']);
  });
  it('filters them by text, and leaves them out of a filter by platform', () => {
    const proposed = proposedIn([proposal('sub-technique', { techniques: ['t2'] })], workflow);
    const [column] = filterMatrix(matrix, link({ q: 'new thing' }), { proposed });
    expect(column?.techniques.map((t) => [t.attack_id, t.unfold])).toEqual([['T2', true]]);
    expect(
      filterMatrix(matrix, link({ platform: 'Linux' }), { proposed })[0]?.techniques.map(
        (t) => t.stix_id,
      ),
    ).toEqual(['t1']);
  });
  it('filters by sets: a technique stays for its sub-technique, and says that it does not fit', () => {
    const shown = (ids: string[], within: boolean) =>
      filterMatrix(matrix, link(), {
        wanted: [{ techniques: new Set(ids), within }],
      })[0]?.techniques.map((t) => [t.stix_id, t.fits, t.unfold, t.subtechniques.length]);
    expect(shown(['s1'], true)).toEqual([['t1', false, true, 1]]);
    expect(shown(['s1'], false)).toEqual([
      ['t1', true, false, 0],
      ['t2', true, false, 0],
    ]);
    expect(shown([], true)).toEqual([]);
  });
  it('filters by proposals', () => {
    const heat = new Map([['t2', 1]]);
    const shown = (proposals: string) =>
      filterMatrix(matrix, link({ proposals }), { heat })[0]?.techniques.map((t) => t.stix_id);
    expect([shown('with'), shown('without')]).toEqual([['t2'], ['t1']]);
  });
  it('unfolds what is proposed below a technique when proposals are looked for', () => {
    const proposed = proposedIn([proposal('sub-technique', { techniques: ['t1'] })], workflow);
    const heat = new Map([['t1', 1]]);
    const unfolds = (proposals: string) =>
      filterMatrix(matrix, link({ proposals }), { heat, proposed })[0]?.techniques[0]?.unfold;
    expect([unfolds('with'), unfolds('')]).toEqual([true, false]);
  });
  it('shows the columns of one matrix, of one tactic, or what has no tactic', () => {
    const two: Matrix = {
      ...matrix,
      matrices: [
        { stix_id: 'm1', name: 'One', tactics: ['x-1'] },
        { stix_id: 'm2', name: 'Two', tactics: [] },
      ],
      tactics: [
        ...matrix.tactics,
        { shortname: '', name: 'Without', attack_id: '', stix_id: '', techniques: [] },
        { shortname: 'a', name: 'Twin', attack_id: 'TA2', stix_id: 'x-2', techniques: [] },
      ],
    };
    const names = (over: Partial<Link>) => filterMatrix(two, link(over)).map((c) => c.name);
    expect(names({})).toEqual(['A', 'Without', 'Twin']);
    expect(names({ matrix: 'm1' })).toEqual(['A']);
    expect(names({ matrix: 'm2' })).toEqual([]);
    expect(names({ tactic: 'a' })).toEqual(['A', 'Twin']);
    expect(names({ tactic: NO_TACTIC })).toEqual(['Without']);
    expect(new Set(filterMatrix(two, link()).map((c) => c.key)).size).toBe(3);
  });
  it('counts a technique once, whatever the number of its columns', () => {
    const twice = { ...matrix, tactics: [...matrix.tactics, ...matrix.tactics] };
    expect(countShown(filterMatrix(twice, link()))).toBe(3);
    expect(countShown(filterMatrix(twice, link({ q: 'needle' })))).toBe(1);
  });
});

describe('the link', () => {
  const at = (query: string) => new URL(`http://a/m?w=1&${query}`);
  it('holds all, and what means nothing is left out', () => {
    const read = (query: string) => readLink(at(query).searchParams);
    expect(read('detection=without&zoom=0&release=7&q=x')).toMatchObject({
      detection: 'without',
      zoom: '0',
      release: '7',
      q: 'x',
    });
    expect(read('detection=maybe&zoom=9&release=-1&at=x&unfold=some')).toEqual(link());
  });
  it('is changed in part, and keeps what is not its own', () => {
    expect(withLink(at('q=x&zoom=0'), { q: '', user: 'G0016' }).search).toBe(
      '?w=1&zoom=0&user=G0016',
    );
  });
  it('leads to the picture of the same', () => {
    const all = link({ q: '<&', unfold: 'all', proposals: 'with', zoom: '0' });
    expect(pictureOf(all, 'a b')).toBe('/api/domains/a%20b/matrix.svg?q=%3C%26&unfold=true');
    expect(pictureOf(all, 'a', 'w1')).toBe(
      '/api/workshops/w1/matrix.svg?proposals=with&q=%3C%26&unfold=true',
    );
  });
  it('zooms between the ends', () => {
    expect([zoomed(-1), zoomed(3), zoomed(9)]).toEqual(['0', '', '4']);
    expect([zoomOf(link()), zoomOf(link({ zoom: '0' }))]).toEqual([3, 0]);
  });
});
