import { expect, test } from 'vitest';
import { leadsTo } from './found';

test('a card is of what a link leads to', () => {
  expect(leadsTo('/objects/T1055', '?w=1')).toEqual({
    kind: 'object',
    id: 'T1055',
    href: '/objects/T1055?w=1',
  });
  const proposal = '/w/1/proposals/p-2';
  expect(leadsTo(proposal, '')).toEqual({ kind: 'proposal', id: 'p-2', href: proposal });
  expect(leadsTo(`${proposal}#message-3`, '')).toMatchObject({ kind: 'proposal', id: 'p-2' });
  const person = '/w/1/people#person-u-4';
  expect(leadsTo(person, '?w=1')).toEqual({ kind: 'person', id: 'u-4', href: person });
});

test('other links have none', () => {
  for (const href of [
    '/w/1/proposals',
    '/w/1/proposals/p-2/edit',
    '/w/1/people',
    '/w/1/people#contacts',
    'https://example.org/w/1/proposals/p-2',
    '#message-1',
    '',
  ])
    expect(leadsTo(href, ''), href).toBeUndefined();
});
