import { afterEach, expect, it, vi } from 'vitest';
import { get, post, Problem } from './client';
import { pace } from './pace.svelte';

// A browser completes addresses by that of its page; there is none here.
vi.hoisted(() => {
  globalThis.Request = class extends Request {
    constructor(path: string, init: RequestInit) {
      super(new URL(path, 'http://here'), init);
    }
  } as typeof Request;
});
afterEach(() => vi.unstubAllGlobals());

function answers(answer: () => Promise<Response>) {
  const send = vi.fn<(request: Request) => Promise<Response>>(answer);
  vi.stubGlobal('fetch', send);
  return send;
}
const json = (status: number, body: unknown) => () =>
  Promise.resolve(new Response(JSON.stringify(body), { status }));

it('writes several values of a parameter as the document says', async () => {
  const send = answers(json(200, []));
  expect(await get('/search', { q: 'a b', type: ['malware', 'tool'] })).toEqual([]);
  expect(send.mock.calls[0]?.[0].url).toBe('http://here/api/search?q=a%20b&type=malware&type=tool');
});

it('names each write, or repeats the name of an earlier attempt', async () => {
  const send = answers(json(200, {}));
  await post('/join', { code: 'A' });
  await post('/join', { code: 'A' }, 'again');
  const keys = send.mock.calls.map(([request]) => request.headers.get('Idempotency-Key'));
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).toBe('again');
});

it('throws what the server says', async () => {
  answers(json(409, { code: 'stale', detail: 'It was changed.', details: { theirs: 1 } }));
  const problem = await post('/sign-out').catch((cause: unknown) => cause);
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ status: 409, code: 'stale', details: { theirs: 1 } });
});

it('sends again what came too fast, under the same key and not before it is told to', async () => {
  vi.useFakeTimers();
  const refusal = JSON.stringify({ code: 'too_fast', detail: 'You do very much at once.' });
  const again = () => new Response(refusal, { status: 429, headers: { 'Retry-After': '3' } });
  const replies = [again(), again(), new Response('{"id":"m"}')];
  const send = answers(() => Promise.resolve(replies.shift()!));
  const sent = post('/sign-out', undefined, 'key');
  await vi.advanceTimersByTimeAsync(2900);
  expect([send.mock.calls.length, pace.waiting]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(3100);
  expect(await sent).toEqual({ id: 'm' });
  const keys = send.mock.calls.map(([request]) => request.headers.get('Idempotency-Key'));
  expect([keys, pace.waiting]).toEqual([['key', 'key', 'key'], 0]);
  vi.useRealTimers();
});

it('does not wait where only a person can tell what to do', async () => {
  const send = answers(json(429, { code: 'too_many', detail: 'Too many imports wait already.' }));
  await expect(post('/sign-out')).rejects.toMatchObject({ code: 'too_many' });
  expect(send).toHaveBeenCalledOnce();
});

it('says when there is no connection', async () => {
  answers(() => Promise.reject(new TypeError('Failed to fetch')));
  await expect(get('/me')).rejects.toMatchObject({ status: 0, code: 'offline' });
});
