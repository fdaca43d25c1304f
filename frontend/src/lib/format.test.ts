import { afterEach, expect, it, vi } from 'vitest';

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone;
});

it('calls a day the same wherever it is read', async () => {
  for (const place of ['America/Los_Angeles', 'Pacific/Auckland']) {
    process.env.TZ = place;
    vi.resetModules(); // what formats is made once
    const { date, span } = await import('./format');
    expect(date('2026-11-18'), place).toContain('18');
    expect(span('2026-11-18', '2026-11-20'), place).toMatch(/18.*20/);
    expect(date('')).toBe('');
  }
});
