import type { ELK, ElkNode } from 'elkjs/lib/elk-api';
import type { Graph, GraphEdge } from '$lib/api/types';
import { said } from './graph';

interface Place {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A node with its place. */
export interface Placed extends Place {
  text: string;
}

/** A line between two nodes, as the path of an SVG. */
export interface Line {
  id: string;
  ends: string[];
  d: string;
  label: string;
  across: boolean; // it joins two that are there anyway
}

export interface Layout {
  width: number;
  height: number;
  nodes: Placed[];
  lines: Line[];
}

const HEIGHT = 28;
const PADDING = 10; // beside the text
const BETWEEN = 64; // between columns
const MARGIN = 4;
const LONGEST = 34;

const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

let elk: Promise<ELK> | undefined;

/** The layout works in a thread of its own, from a file of this server; it is loaded here only. */
function engine(): Promise<ELK> {
  elk ??= Promise.all([
    import('elkjs/lib/elk-api'),
    import('elkjs/lib/elk-worker.min.js?url'),
  ]).then(([{ default: Engine }, worker]) => new Engine({ workerUrl: worker.default }));
  return elk;
}

/** How wide texts are on this device, in the letters of the drawing. */
function ruler(): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return (text) => text.length * 8;
  context.font = `600 12.5px ${getComputedStyle(document.body).fontFamily}`;
  return (text) => Math.ceil(context.measureText(text).width);
}

/**
 * Finds places for a graph, from left to right. Only what leads to a node first has a say, so that
 * all stands in columns; other lines go across.
 */
export async function layout(graph: Graph): Promise<Layout> {
  const wide = ruler();
  const reached = new Set([graph.nodes[0]?.id]);
  const first = graph.edges.filter(({ to }) => !reached.has(to) && reached.add(to));
  const texts = graph.nodes.map((node) => ({ id: node.id, text: cut(said(node)) }));
  const asked: ElkNode = {
    id: 'root',
    layoutOptions: {
      // The list has the same order, and the keys follow it.
      'elk.algorithm': 'mrtree',
      'elk.direction': 'RIGHT',
      'elk.mrtree.weighting': 'MODEL_ORDER',
      'elk.spacing.nodeNode': '10',
    },
    children: texts.map(({ id, text }) => ({
      id,
      width: wide(text) + 2 * PADDING,
      height: HEIGHT,
    })),
    edges: first.map((edge, i) => ({
      id: `e${i}`,
      sources: [edge.from],
      targets: [edge.to],
    })),
  };
  const done = await (await engine()).layout(asked);
  const places = columns(done.children ?? [], first);
  return {
    width: Math.max(...places.map((one) => one.x + one.width)),
    height: done.height ?? 0,
    nodes: places.map((one, i) => ({ ...one, text: texts[i]?.text ?? '' })),
    lines: graph.edges.map((edge, i) => line(edge, i, places, !first.includes(edge))),
  };
}

/** Puts what is as far from the root into one column, as wide as its widest. */
function columns(nodes: ElkNode[], edges: GraphEdge[]): Place[] {
  const depth = new Map([[nodes[0]?.id, 0]]);
  for (const edge of edges) depth.set(edge.to, (depth.get(edge.from) ?? 0) + 1);
  const widest: number[] = [];
  for (const { id, width = 0 } of nodes) {
    const d = depth.get(id) ?? 0;
    widest[d] = Math.max(widest[d] ?? 0, width);
  }
  const left = (d: number) =>
    widest.slice(0, d).reduce((sum, width) => sum + width + BETWEEN, MARGIN);
  return nodes.map(({ id, y = 0, width = 0, height = 0 }) => ({
    id,
    x: left(depth.get(id) ?? 0),
    y,
    width,
    height,
  }));
}

/** A line from the right of one node to the left of another, or around where that lies behind. */
function line(edge: GraphEdge, i: number, places: Place[], across: boolean): Line {
  const box = (id: string) => {
    const found = places.find((one) => one.id === id);
    const { x = 0, y = 0, width = 0, height = 0 } = found ?? {};
    return { left: x, right: x + width, y: y + height / 2 };
  };
  const from = box(edge.from);
  const to = box(edge.to);
  const ends = from.right < to.left ? [from.right, to.left, 1] : [from.right, to.right, -1];
  const [x1 = 0, x2 = 0, turn = 1] = ends;
  const bend = Math.max(24, Math.abs(x2 - x1) / 2);
  return {
    id: `${i}`,
    ends: [edge.from, edge.to],
    d: `M ${x1} ${from.y} C ${x1 + bend} ${from.y} ${x2 - turn * bend} ${to.y} ${x2} ${to.y}`,
    label: edge.label,
    across,
  };
}
