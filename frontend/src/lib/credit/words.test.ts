import { expect, test } from 'vitest';
import type { Credit, Form } from '$lib/api/types';
import { brought, didSaid, namedSaid, names, naming, usual } from './words';

const credit = (answer: Credit['answer'], named_as = ''): Credit => ({
  user: 'ana',
  did: ['wrote', 'reviewed'],
  answer,
  named_as,
  own: false,
});

test('what somebody did, and whether they are named', () => {
  expect(didSaid(credit('none'))).toBe('wrote it, reviewed it');
  expect(namedSaid(credit('named', 'Ana Pour'), true)).toBe('You are named as Ana Pour');
  expect(namedSaid(credit('named', 'Ana Pour'), false)).toBe('Named as Ana Pour');
  expect(namedSaid(credit('none'), true)).toBe('You are not named until you agree');
  expect(namedSaid(credit('none'), false)).toBe('Not named: has not answered');
  expect(namedSaid(credit('none'), false, true)).toBe('Not named');
  expect(namedSaid(credit('unnamed'), false)).toBe('Not named');
});

test('names', () => {
  expect(usual({ id: '', name: 'Ana', organisation: 'Example CERT' })).toBe('Ana, Example CERT');
  expect(usual({ id: '', name: 'Ana', organisation: '' })).toBe('Ana');
  expect(brought(['A'], ['A', 'B'])).toEqual(['B']);
  expect(names({ action: 'add', fields: [{ name: 'contributors' }] } as Form)).toBe(true);
  expect(names({ action: 'add', fields: [{ name: 'source' }] } as Form)).toBe(false);
  expect(naming(false, 'Ana')).toEqual({ answer: 'unnamed', named_as: '' });
  expect(naming(true, ' Ana ')).toEqual({ answer: 'named', named_as: 'Ana' });
});
