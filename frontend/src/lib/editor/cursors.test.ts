import { expect, it } from 'vitest';
import { coloured, colours } from './cursors';

/** The contrast of a colour with white, as WCAG counts it. */
function contrast(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
}

it('names of others can be read', () => {
  for (const colour of colours) expect(contrast(colour), colour).toBeGreaterThan(4.5);
});

it('people have different colours, the same on every screen', () => {
  const users = ['c', 'a', 'b'].map((user) => ({ user }));
  const shown = coloured(users);
  expect(new Set(shown.map(({ colour }) => colour)).size).toBe(3);
  expect(coloured([...users].reverse())).toEqual(shown);
});
