import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '$lib/api/client';
import { Outbox, type Unsent } from './outbox.svelte';

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

/** A server that can be away, and that refuses what it is told to. */
function server() {
  const got: Unsent[] = [];
  const state = { away: false, refuses: '' };
  const send = async (one: Unsent) => {
    await new Promise((done) => setTimeout(done, Math.random() * 5));
    if (state.away) throw new TypeError();
    if (one.body === state.refuses) throw new Problem(422, 'invalid', '', 'No.');
    if (!got.some((seen) => seen.key === one.key)) got.push(one);
  };
  return { got, state, send };
}
const bodies = (list: readonly Unsent[]) => list.map((one) => one.body);
const settled = (box: Outbox, left: number) =>
  vi.waitFor(() => {
    expect(box.list.filter((one) => !one.problem)).toEqual([]);
    expect(box.list).toHaveLength(left);
  });

describe('the outbox', () => {
  it('keeps the order, through a lost connection and a reload', async () => {
    const { got, state, send } = server();
    const box = new Outbox('ana', '/m', send);
    box.add({ body: 'one' });
    await settled(box, 0);
    state.away = true;
    for (const body of ['two', 'three', 'four']) box.add({ body });
    await settled(box, 3);
    expect(box.list.every((one) => one.waits)).toBe(true);

    const later = new Outbox('ana', '/m', send);
    expect(bodies(later.list)).toEqual(['two', 'three', 'four']);
    state.away = false;
    later.add({ body: 'five' });
    later.again(later.list[2]!.key);
    await settled(later, 0);
    expect(bodies(got)).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(kept.size).toBe(0);
  });

  it('leaves behind what is refused, and goes on', async () => {
    const { got, state, send } = server();
    state.refuses = 'bad';
    const box = new Outbox('ana', '/m', send);
    for (const body of ['one', 'bad', 'two']) box.add({ body });
    await settled(box, 1);
    expect(bodies(got)).toEqual(['one', 'two']);
    expect(box.list[0]).toMatchObject({ body: 'bad', problem: 'No.', waits: false });
    box.resume();
    expect(box.list[0]!.problem).toBe('No.');
    state.refuses = '';
    box.again(box.list[0]!.key);
    await settled(box, 0);
    expect(bodies(got)).toEqual(['one', 'two', 'bad']);
  });
});
