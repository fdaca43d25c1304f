import { expect, test } from 'vitest';
import { examplesOf, matching, placed, placesOf } from './examples';

const item = (stix_id: string, type: string, name: string, html = '') => ({
  stix_id,
  html,
  references: [],
  object: { stix_id: name, attack_id: 'G1', type, name },
});
const page = {
  sections: [
    {
      key: 'a',
      label: 'Groups',
      items: [item('r1', 'intrusion-set', 'Gang', '<p>Tea <b>pots</b></p>')],
    },
    { key: 'b', label: 'Software', items: [item('r2', 'tool', 'Spoon'), item('', 'tool', 'None')] },
    { key: 'c', label: 'Mitigations', items: [item('r3', 'course-of-action', 'Lids')] },
  ],
};

test('the examples of a page are those of who uses it', () => {
  const list = examplesOf(page as never);
  expect(list.map((one) => one.id)).toEqual(['r1', 'r2']);
  expect(matching(list, 'POTS', '').map((one) => one.id)).toEqual(['r1']);
  expect(matching(list, '', 'tool').map((one) => one.who)).toEqual(['G1 Spoon']);
  expect(matching(list, 'gang', 'tool')).toEqual([]);
});

test('an example goes to one place, or stays', () => {
  const rows = placed({}, ['r1', 'r2'], 'a');
  expect(rows).toEqual([
    { example: 'r1', piece: 'a' },
    { example: 'r2', piece: 'a' },
  ]);
  expect(placed({ rows }, ['r1'], 'b')[0]).toEqual({ example: 'r1', piece: 'b' });
  expect(placed({ rows }, ['r1'], '')).toEqual([{ example: 'r2', piece: 'a' }]);
  expect(placesOf({}).size).toBe(0);
});
