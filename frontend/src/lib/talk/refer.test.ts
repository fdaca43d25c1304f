import { describe, expect, it } from 'vitest';
import { asked, fits } from './refer';

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
});
