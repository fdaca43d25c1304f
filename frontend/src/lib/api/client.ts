import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './schema';

/** What the server says when it refuses: application/problem+json. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: { location: string; message: string }[] = [],
    readonly details: unknown = undefined,
  ) {
    super(detail || title);
    this.name = 'Problem';
  }

  /** The message for one field of a form, if the server named it. */
  at(field: string): string | undefined {
    return this.errors.find((e) => e.location.split('.').pop() === field)?.message;
  }
}

/** Turns whatever was thrown or answered into a Problem with a sentence a person can act on. */
export function asProblem(cause: unknown, status = 0): Problem {
  if (cause instanceof Problem) return cause;
  if (cause instanceof TypeError)
    return new Problem(
      0,
      'offline',
      'No connection',
      'The server can not be reached. Check the network and try again.',
    );
  const body = (typeof cause === 'object' && cause !== null ? cause : {}) as Record<
    string,
    unknown
  >;
  const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '');
  return new Problem(
    status,
    text('code') || 'unknown',
    text('title') || 'That did not work',
    text('detail') || `The server answered ${status || 'with an error'}. Try again in a moment.`,
    Array.isArray(body.errors) ? (body.errors as Problem['errors']) : [],
    body.details,
  );
}

// One key per intended write. A caller that repeats a write sends the key it used before.
const keyed: Middleware = {
  onRequest({ request }) {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads && !request.headers.has('Idempotency-Key'))
      request.headers.set('Idempotency-Key', newKey());
    return request;
  },
};

/** A random name for one write, so that sending it twice does it once (works without https too). */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export const api = createClient<paths>({ baseUrl: '/api', credentials: 'same-origin' });
api.use(keyed);

type Answer = { data?: unknown; error?: unknown; response: Response };

/** Gives the data of an answer, or throws a Problem. */
export async function unwrap<T>(answer: Promise<Answer>): Promise<T> {
  let settled: Answer;
  try {
    settled = await answer;
  } catch (cause) {
    throw asProblem(cause);
  }
  if (!settled.response.ok) throw asProblem(settled.error, settled.response.status);
  return settled.data as T;
}

type Query = Record<string, string | number | string[] | undefined>;

async function call<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
  const headers = new Headers({ Accept: 'application/json' });
  if (method !== 'GET') headers.set('Idempotency-Key', key ?? newKey());
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    throw asProblem(cause);
  }
  const text = await response.text();
  let data: unknown;
  try {
    data = text ? JSON.parse(text) : undefined;
  } catch {
    data = undefined;
  }
  if (!response.ok) throw asProblem(data, response.status);
  return data as T;
}

/** Reads a resource by its path below /api. */
export function get<T>(path: string, query: Query = {}): Promise<T> {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat())
      if (one !== undefined && one !== '') params.append(name, String(one));
  const tail = params.toString();
  return call<T>('GET', tail ? `${path}?${tail}` : path);
}

/** Writes; pass the key of an earlier attempt to send the same write again. */
export const post = <T>(path: string, body?: unknown, key?: string) =>
  call<T>('POST', path, body, key);
export const put = <T>(path: string, body?: unknown, key?: string) =>
  call<T>('PUT', path, body, key);
export const patch = <T>(path: string, body?: unknown, key?: string) =>
  call<T>('PATCH', path, body, key);
