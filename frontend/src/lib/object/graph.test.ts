import { expect, test } from 'vitest';
import type { Graph, GraphNode } from '$lib/api/types';
import { said, step, tree } from './graph';

const node = (id: string, step: number, more: Partial<GraphNode> = {}): GraphNode => ({
  id,
  kind: 'object',
  step,
  label: id.toUpperCase(),
  type_label: '',
  key: '',
  count: 0,
  ...more,
});
const graph: Graph = {
  root: { stix_id: 'r', attack_id: 'R1', type: 't', name: 'R' },
  steps: 2,
  nodes: [
    node('r', 0),
    node('g', 1, { kind: 'group', count: 2 }),
    node('a', 1),
    node('b', 1),
    node('h', 1, { kind: 'group', count: 1 }),
    node('c', 1),
    node('d', 2),
  ],
  edges: [
    { from: 'r', to: 'g', label: '' },
    { from: 'g', to: 'a', label: '' },
    { from: 'g', to: 'b', label: '' },
    { from: 'r', to: 'h', label: '' },
    { from: 'h', to: 'c', label: '' },
    { from: 'a', to: 'd', label: 'Uses' },
    { from: 'c', to: 'd', label: 'Uses' },
    { from: 'a', to: 'b', label: 'Knows' },
  ],
};

test('a graph is a tree in which a node stands with its own where it was reached first, and elsewhere again', () => {
  const root = tree(graph);
  expect(root.branches.map((b) => b.node.id)).toEqual(['g', 'h']);
  expect(root.branches[0]?.branches.map((b) => b.node.id)).toEqual(['a', 'b']);
  expect(root.branches[0]?.branches[0]?.branches[0]).toMatchObject({ label: 'Uses', branches: [] });
  const again = root.branches[1]?.branches[0]?.branches;
  expect(again).toMatchObject([{ node: { id: 'd' }, again: true, branches: [] }]);
  expect(root.branches[0]?.branches[0]?.branches.map((b) => b.node.id)).toEqual(['d', 'b']);
});

test('arrow keys walk behind, back and beside, across groups', () => {
  const root = tree(graph);
  const walk = (from: string, ...keys: string[]) =>
    keys.reduce<string | undefined>((at, key) => at && step(root, at, key), from);
  expect(walk('r', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown')).toBe('c');
  expect(walk('c', 'ArrowUp', 'ArrowUp', 'ArrowRight')).toBe('d');
  expect(walk('d', 'Home')).toBe('r');
  for (const [from, key] of [
    ['r', 'ArrowLeft'],
    ['c', 'ArrowDown'],
    ['d', 'ArrowRight'],
    ['x', 'ArrowRight'],
    ['a', 'Enter'],
  ])
    expect(step(root, from as string, key as string)).toBeUndefined();
});

test('what is left out is said', () => {
  expect(said(node('m', 1, { kind: 'more', count: 380 }))).toBe('and 380 more');
  expect(said(node('g', 1, { kind: 'group', count: 3 }))).toBe('G (3)');
  expect(said(node('o', 1, { object: { ...graph.root, attack_id: 'T1' } }))).toBe('T1 O');
});
