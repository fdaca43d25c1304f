import { describe, expect, it } from 'vitest';
import type { Message } from '$lib/api/types';
import { quoted, threads } from './threads';

const message = (id: string, thread = id) => ({ id, thread }) as Message;

describe('threads', () => {
  it('stand where they were opened, with their replies in order', () => {
    const all = threads([
      message('a'),
      message('b'),
      message('c', 'a'),
      message('d'),
      message('e', 'a'),
    ]);
    expect(all.map(({ id, replies }) => [id, ...replies.map((one) => one.id)])).toEqual([
      ['a', 'c', 'e'],
      ['b'],
      ['d'],
    ]);
  });
});

describe('a quote', () => {
  it('marks every line, and leaves room behind it', () => {
    expect(quoted(' one\n\n> two\n')).toBe('> one\n>\n> > two\n\n');
  });
});
