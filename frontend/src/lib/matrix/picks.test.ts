import { expect, test, vi } from 'vitest';
import { MOST, Picks } from './picks.svelte';

test('what is selected comes from the link, and goes there', () => {
  const changed = vi.fn();
  const picks = new Picks('T1001,,T1002', changed);
  expect([picks.size, picks.has('T1001'), picks.has('T1003')]).toEqual([2, true, false]);
  picks.toggle('T1001');
  expect(changed).toHaveBeenLastCalledWith('T1002');
  picks.toggle('T1003');
  expect(picks.text).toBe('T1002,T1003');
  picks.clear();
  expect(changed).toHaveBeenLastCalledWith('');
  expect(new Picks('').size).toBe(0);
});

test('a range goes from the last one to this one, in either direction', () => {
  const order = ['a', 'b', 'c', 'd', 'e'];
  const picks = new Picks('');
  picks.through('d', order);
  expect(picks.text).toBe('d');
  picks.through('b', order);
  expect(picks.text).toBe('d,b,c');
  picks.through('gone', order);
  expect(picks.text).toBe('d,b,c,gone');
  expect(picks.full).toBe(false);
  picks.add(Array.from({ length: MOST }, (_, i) => `T${i}`));
  expect(picks.full).toBe(true);
});
