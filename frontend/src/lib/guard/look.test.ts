import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '$lib/api/client';
import type { Check } from '$lib/api/types';
import { Look, PAUSE } from './look.svelte';

const post = vi.hoisted(() => vi.fn());
vi.mock('$lib/api/client', async (original) => ({ ...(await original<object>()), post }));

const found = (level: Check['level']): Check => ({
  level,
  field: 'body',
  code: 'indicator',
  message: '',
  shared: { key: 'k', kind: 'ipv4', text: '45.77.65.211', why: '', places: [] },
});

describe('a message that is looked at', () => {
  let look: Look;
  beforeEach(() => {
    vi.useFakeTimers();
    post.mockReset();
    post.mockImplementation((_: string, { body, explained }: { body: string; explained: object }) =>
      Promise.resolve(
        body.includes('45.77') ? [found('k' in explained ? 'warning' : 'error')] : [],
      ),
    );
    look = new Look('w');
  });
  afterEach(() => void vi.useRealTimers());

  it('is asked about once after a pause', async () => {
    look.changed('at');
    look.changed('at 45.77.65.211');
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(post).toHaveBeenCalledTimes(1);
    expect(look.open.map((one) => one.text)).toEqual(['45.77.65.211']);
    expect(await look.passes('at 45.77.65.211')).toBe(false);
    expect(post).toHaveBeenCalledTimes(1);
  });

  it('passes when it is explained, or changed', async () => {
    expect(await look.passes('at 45.77.65.211')).toBe(false);
    await look.explain(look.open[0]!, 'Known.');
    expect(await look.passes('at 45.77.65.211')).toBe(true);
    expect(look.reasons).toEqual({ k: 'Known.' });
    look.changed('');
    expect([look.reasons, look.checks]).toEqual([undefined, []]);
    expect(await look.passes('at night')).toBe(true);
  });

  it('is sent to be looked at later where nobody answers', async () => {
    post.mockRejectedValue(new Problem(0, 'offline', 'No connection', 'No connection.'));
    expect(await look.passes('at 45.77.65.211')).toBe(true);
  });

  it('forgets an answer about an older text', async () => {
    let answer: (checks: Check[]) => void = () => {};
    post.mockImplementationOnce(() => new Promise((done) => (answer = done)));
    look.changed('at 45.77.65.211');
    await vi.advanceTimersByTimeAsync(PAUSE);
    look.changed('at night');
    await vi.advanceTimersByTimeAsync(PAUSE);
    answer([found('error')]);
    await vi.advanceTimersByTimeAsync(0);
    expect(look.checks).toEqual([]);
  });
});
