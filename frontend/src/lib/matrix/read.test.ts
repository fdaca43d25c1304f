import { describe, expect, it } from 'vitest';
import { readUntil } from './read';

const now = () => Promise.resolve();

describe('readUntil', () => {
  it('reads again until the value is good', async () => {
    let n = 0;
    const read = () => Promise.resolve(++n);
    expect(await readUntil(read, (value) => value === 3, now)).toBe(3);
    expect(n).toBe(3);
  });
  it('is content with what there is in the end', async () => {
    let n = 0;
    const read = () => Promise.resolve(++n);
    expect(await readUntil(read, () => false, now, 2)).toBe(3);
  });
});
