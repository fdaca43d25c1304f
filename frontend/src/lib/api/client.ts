import createClient from 'openapi-fetch';
import type { Input, Output, Path, Query } from './paths';
import { pace } from './pace.svelte';
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
    /** In how many seconds it may be tried again, where the server says so. */
    readonly after: number = 0,
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
export function asProblem(cause: unknown, status = 0, after = 0): Problem {
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
    after,
  );
}

/** A random name for one write, so that sending it twice does it once (works without https too). */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

const api = createClient<paths>({
  baseUrl: '/api',
  credentials: 'same-origin',
  querySerializer: { array: { style: 'form', explode: true } },
  fetch: (request) => fetch(request),
});

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
interface Init {
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  bodySerializer?: (body: unknown) => unknown;
}

/** Sends one request and gives the data of its answer, or throws a Problem. */
async function call<T>(method: Method, path: string, { query, ...rest }: Init): Promise<T> {
  let answer: { data?: unknown; error?: unknown; response: Response };
  try {
    // The path is written out; the types of ./paths have matched it with the schema's.
    const init = { ...rest, params: { query } };
    answer = await api.request(method, path as never, init as never);
  } catch (cause) {
    throw asProblem(cause);
  }
  if (!answer.response.ok) {
    const after = Number(answer.response.headers.get('Retry-After') ?? 0) || 0;
    throw asProblem(answer.error, answer.response.status, after);
  }
  return answer.data as T;
}

/** How often a write is sent again that came too fast. */
const TRIES = 10;

/** Writes; what comes faster than the server takes it from one person waits a moment. */
async function write<T>(method: Method, path: string, body: unknown, key = newKey()): Promise<T> {
  for (let n = 1; ; n++)
    try {
      return await call<T>(method, path, { body, headers: { 'Idempotency-Key': key } });
    } catch (cause) {
      if (!(cause instanceof Problem) || cause.code !== 'too_fast' || n === TRIES) throw cause;
      const { after } = cause;
      pace.waiting++;
      await new Promise((done) => setTimeout(done, (after || 1) * 1000));
      pace.waiting--;
    }
}

/** Reads a resource by its path below /api. */
export function get<P extends string>(
  path: Path<'get', P>,
  query?: Query<'get', P>,
  signal?: AbortSignal,
) {
  return call<Output<'get', P>>('get', path, { query: query as Init['query'], signal });
}

/** Writes; pass the key of an earlier attempt to send the same write again. */
export function post<P extends string>(
  path: Path<'post', P>,
  body?: Input<'post', P>,
  key?: string,
) {
  return write<Output<'post', P>>('post', path, body, key);
}

/** Saves the whole of something. */
export function put<P extends string>(path: Path<'put', P>, body: Input<'put', P>, key?: string) {
  return write<Output<'put', P>>('put', path, body, key);
}

/** Changes a part of something. */
export function patch<P extends string>(
  path: Path<'patch', P>,
  body: Input<'patch', P>,
  key?: string,
) {
  return write<Output<'patch', P>>('patch', path, body, key);
}

/** Takes something away. */
export function remove<P extends string>(path: Path<'delete', P>, key?: string) {
  return write<Output<'delete', P>>('delete', path, undefined, key);
}

/** Sends a file to a path that takes one. */
export function send<P extends string>(
  path: Path<'post', P>,
  file: Blob,
  query?: Query<'post', P>,
  key = newKey(),
) {
  return call<Output<'post', P>>('post', path, {
    query: query as Init['query'],
    body: file,
    bodySerializer: (body) => body,
    headers: { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': key },
  });
}
