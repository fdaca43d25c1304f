import { describe, expect, it } from 'vitest';
import type { Meeting, Proposal } from '$lib/api/types';
import { fits, reason } from './words';

const proposals = [{ id: 'p1', number: 4, title: 'Kettle' }] as Proposal[];
const say = (kind: Meeting['reasons'][number]['kind'], about: string, label = '') => {
  const { text, label: what, href } = reason({ kind, about, label }, 'w1', proposals);
  return [text, what, href];
};

describe('a reason to talk', () => {
  it('is a sentence with a link to what it is about', () => {
    expect(say('interest', 'tactic:pouring', 'Pouring')).toEqual([
      'Both of you care about',
      'Pouring',
      '',
    ]);
    expect(say('proposal', 'proposal:p1', 'Kettle')).toEqual([
      'Both of you had a part in',
      '#4 Kettle',
      '/w/w1/proposals/p1',
    ]);
    expect(say('object', 'object:attack-pattern--1', 'T1 Boil')[2]).toBe(
      '/objects/attack-pattern--1',
    );
    expect(say('thread', 'proposal:p1')).toEqual([
      'Both of you wrote about',
      '#4 Kettle',
      '/w/w1/proposals/p1',
    ]);
    expect(say('thread', 'thread:m1')).toEqual([
      'Both of you wrote in',
      'one thread of the room',
      '/w/w1#message-m1',
    ]);
  });
  it('has no link to what this person does not see', () => {
    expect(say('proposal', 'proposal:gone', 'Gone')[2]).toBe('');
    expect(say('thread', 'item:a1')).toEqual(['Both of you wrote in one thread', '', '']);
  });
});

describe('who is looked for', () => {
  const ana = { name: 'Ana', organisation: 'Copper CERT' };
  const card = {
    offers: 'Reversing',
    seeks: '',
    interests: [{ kind: 'tactic', value: 'c2', label: 'Command and Control' } as const],
  };
  it('is found by name, organisation and what they say', () => {
    for (const words of ['', 'an', 'copper', 'reversing ana', 'command control'])
      expect(fits(words, ana, card), words).toBe(true);
    expect(fits('reversing', ana)).toBe(false);
    expect(fits('ana kettle', ana, card)).toBe(false);
  });
});
