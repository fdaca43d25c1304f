import { expect, test } from 'vitest';
import type { Item, Section } from '$lib/api/types';
import { graphOf, kept, linked, pageOf } from './address';
import { matching } from './filter';
import { pieces } from './stix';

const link = (attack_id: string, name: string) => ({
  stix_id: `x--${name}`,
  attack_id,
  type: 'x',
  name,
});
const item = (name: string, html: string, parts: Item['parts'] = []): Item => ({
  object: link('S1', name),
  stix_id: '',
  html,
  references: [],
  parts,
});
const section = (...items: Item[]): Section => ({
  key: 'k',
  label: 'L',
  total: items.length,
  items,
});

test('the workshop and the time stay in the address', () => {
  const tail = kept(new URLSearchParams('w=a b&at=7&filter=x'));
  expect(tail).toBe('?w=a+b&at=7');
  expect(pageOf(link('T1', 'One'), tail)).toBe('/objects/T1?w=a+b&at=7');
  expect(graphOf(link('', 'One'), tail, 2)).toBe('/objects/x--One/graph?w=a+b&at=7&steps=2');
  expect(kept(new URLSearchParams('q=1'))).toBe('');
});

test('links within texts are told from others', () => {
  expect(linked('/objects/T1055.001', '?at=7')).toEqual({
    id: 'T1055.001',
    href: '/objects/T1055.001?at=7',
  });
  expect(linked('/objects/T1?w=x', '?at=7')?.href).toBe('/objects/T1?w=x');
  for (const other of [
    '/objects/T1/other',
    '/objects/',
    '#ref-1',
    'https://example.org/objects/T1',
  ])
    expect(linked(other, '')).toBeUndefined();
});

test('a filter finds names, texts and parts, without accents, by all of its words', () => {
  const all = section(
    item('Café Crew', '<p>Sends <em>post</em>cards</p>'),
    item('Other', '', [{ object: link('AN1', 'Analytic'), html: '<p>Counts cafés</p>' }]),
  );
  const names = (filter: string) => matching(all, filter).map((one) => one.object.name);
  expect(names('')).toEqual(['Café Crew', 'Other']);
  expect(names(' cafe ')).toEqual(['Café Crew', 'Other']);
  expect(names('cafe counts')).toEqual(['Other']);
  expect(names('em')).toEqual([]);
  expect(names('s1')).toHaveLength(2);
});

test('STIX is laid out without a change to any of its tokens', () => {
  const text = '{"a":1.50,"b":[true,null,"x\\"{,}"],"c":{},"d":[]}';
  const shown = pieces(text);
  const all = shown.map((p) => p.text).join('');
  expect(all.replace(/\n */g, '').replace(/": /g, '":')).toBe(text);
  expect(all).toContain('"a": 1.50,\n');
  expect(all).toContain('"c": {}');
  expect(shown.filter((p) => p.kind === 'key').map((p) => p.text)).toEqual([
    '"a"',
    '"b"',
    '"c"',
    '"d"',
  ]);
});
