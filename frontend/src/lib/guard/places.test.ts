import { describe, expect, it } from 'vitest';
import type { Shared } from '$lib/api/types';
import { replaced, standing, textAt } from './places';

const ip = '45.77.65.211';
const shared = (...places: Shared['places']): Shared => ({
  key: 'k',
  kind: 'ipv4',
  text: ip,
  why: '',
  places,
  replacement: '192.0.2.1',
});

describe('where something stands', () => {
  it('is where it was found, behind an emoji too', () => {
    const text = `🫖 calls ${ip}`;
    expect(standing(text, ip, { from: 9, to: 21 })).toEqual({ from: 9, to: 21 });
    expect(text.slice(9, 21)).toBe(ip);
  });
  it('is the nearest, where the text was changed since', () => {
    const text = `${ip} and then ${ip}`;
    expect(standing(text, ip, { from: 20, to: 32 })).toEqual({ from: 22, to: 34 });
    expect(standing(text, ip, { from: 3, to: 15 })).toEqual({ from: 0, to: 12 });
    expect(standing('nothing', ip, { from: 0, to: 12 })).toBeUndefined();
  });
});

describe('a replacement', () => {
  it('takes the place of all of them in a text', () => {
    const text = `a ${ip}, b ${ip}`;
    const places = [
      { item: 0, from: 2, to: 14 },
      { item: 0, from: 18, to: 30 },
    ];
    expect(replaced({ text }, shared(...places)).text).toBe('a 192.0.2.1, b 192.0.2.1');
    expect(replaced({ text: `now: ${text}` }, shared(...places)).text).toBe(
      'now: a 192.0.2.1, b 192.0.2.1',
    );
  });
  it('changes one element of a list, a row and a reference', () => {
    const place = { item: 1, from: 2, to: 14 };
    expect(replaced({ list: ['a', `b ${ip}`] }, shared(place))).toEqual({
      list: ['a', 'b 192.0.2.1'],
    });
    expect(
      replaced({ rows: [{}, { channel: `b ${ip}` }] }, shared({ ...place, part: 'channel' })),
    ).toEqual({ rows: [{}, { channel: 'b 192.0.2.1' }] });
    const ref = { source_name: '', description: '', url: '' };
    const value = { references: [ref, { ...ref, description: `b ${ip}` }] };
    const there = { ...place, part: 'description' };
    expect(textAt(value, there)).toBe(`b ${ip}`);
    expect(replaced(value, shared(there)).references?.[1]?.description).toBe('b 192.0.2.1');
  });
  it('leaves alone what says something else by now', () => {
    const value = { text: 'It is gone.' };
    expect(replaced(value, shared({ item: 0, from: 2, to: 14 }))).toBe(value);
    expect(replaced({ list: [] }, shared({ item: 3, from: 2, to: 14 }))).toEqual({ list: [] });
  });
});
