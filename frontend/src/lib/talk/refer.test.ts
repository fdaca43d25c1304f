import { describe, expect, it } from 'vitest';
import { asked, fits, handleOf } from './refer';

describe('what is referred to', () => {
  it.each([
    ['ask @', 'person', '', 4],
    ['ask @Ana Du', 'person', 'Ana Du', 4],
    ['(#1', 'proposal', '1', 1],
    ['see #kettle ab', 'proposal', 'kettle ab', 4],
    ['@Ana see T10', 'object', 'T10', 9],
    ['T10', 'object', 'T10', 0],
    ['like T1055.0', 'object', 'T1055.0', 5],
  ] as const)('%s', (text, kind, query, from) => {
    expect(asked(text)).toEqual({ kind, query, from });
  });
  it.each(['ana@example', 'T', 'aT10', '@Ana\nx', '## Title', ''])('not in %j', (text) => {
    expect(asked(text)).toBeUndefined();
  });
  it('fits at the beginning of each word', () => {
    expect([fits('Ana Duarte', 'du'), fits('Ana Duarte', 'an'), fits('Ana', 'na')]).toEqual([
      true,
      true,
      false,
    ]);
  });
  it('names one of several who are called the same', () => {
    const user = (id: string, name: string, organisation: string) => ({ id, name, organisation });
    const all = [
      user('a', 'Ana', 'CERT'),
      user('b', 'ana', 'Bank'),
      user('c', 'Bo', 'CERT'),
      user('dddddddddd', 'Ana', 'Bank'),
      user('e', 'Ana', ''),
    ];
    expect(all.map((one) => handleOf(one, all))).toEqual([
      'Ana (CERT)',
      'ana (Bank, b)',
      'Bo',
      'Ana (Bank, dddddddd)',
      'Ana (e)',
    ]);
  });
});
