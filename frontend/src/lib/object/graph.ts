import type { Graph, GraphNode } from '$lib/api/types';

/** A node with what is behind it: the graph as a tree, which the list and the keys walk along. */
export interface Branch {
  node: GraphNode;
  label: string;
  again: boolean; // it stands elsewhere too, with what is behind it
  branches: Branch[];
}

/** The graph as a tree from its root: what was reached before stands there again, without its own. */
export function tree(graph: Graph): Branch {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const made = new Map<string, Branch>();
  const root: Branch = {
    node: graph.nodes[0] as GraphNode,
    label: '',
    again: false,
    branches: [],
  };
  made.set(root.node.id, root);
  for (const edge of graph.edges) {
    const node = nodes.get(edge.to);
    const parent = made.get(edge.from);
    if (!node || !parent) continue;
    const branch = { node, label: edge.label, again: made.has(edge.to), branches: [] };
    if (!branch.again) made.set(edge.to, branch);
    parent.branches.push(branch);
  }
  return root;
}

/** Where an arrow key leads from a node: to what is behind it, to what led to it, or beside it. */
export function step(root: Branch, from: string, key: string): string | undefined {
  const path = find(root, from);
  const here = path?.at(-1);
  const parent = path?.at(-2);
  if (!here) return undefined;
  if (key === 'ArrowRight') return here.branches[0]?.node.id;
  if (key === 'ArrowLeft') return parent?.node.id;
  if (key === 'Home') return root.node.id;
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!by) return undefined;
  const level = layer(root, (path?.length ?? 1) - 1);
  return level[level.indexOf(from) + by];
}

function find(branch: Branch, id: string): Branch[] | undefined {
  if (branch.node.id === id && !branch.again) return [branch];
  for (const one of branch.branches) {
    const found = find(one, id);
    if (found) return [branch, ...found];
  }
  return undefined;
}

/** The nodes that are so many steps from the root, from the top to the bottom. */
const layer = (branch: Branch, depth: number): string[] =>
  depth === 0
    ? [branch.node.id]
    : branch.branches.filter((one) => !one.again).flatMap((one) => layer(one, depth - 1));

/** What a node says. */
export function said(node: GraphNode): string {
  if (node.kind === 'more') return `and ${node.count} more`;
  if (node.kind === 'group') return `${node.label} (${node.count})`;
  return [node.object?.attack_id, node.label].filter(Boolean).join(' ');
}
