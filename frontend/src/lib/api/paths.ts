import type { paths } from './schema';

/**
 * The types that let a path be written out, as in get(`/workshops/${id}/messages`): they find the
 * path of the schema that it stands for, and with it what goes in and what comes out.
 */

// "/workshops/{workshop}/messages" becomes `/workshops/${string}/messages`.
type Written<K extends string> = K extends `${infer A}{${string}}${infer B}`
  ? `${A}${string}${Written<B>}`
  : K;

// A path is matched by its whole pattern: `/workshops/${string}` would fit all that is below it.
type Matching<P extends string> = {
  [K in keyof paths]: [P, Written<K>] extends [Written<K>, P] ? K : never;
}[keyof paths];

type Operation<M extends string, P extends string> =
  Matching<P> extends infer K extends keyof paths ? Lookup<paths[K], M> : never;
type Lookup<T, M> = M extends keyof T ? Exclude<T[M], undefined> : never;

/** P where the schema has an operation for it; anything else is no argument. */
export type Path<M extends string, P extends string> = [Operation<M, P>] extends [never]
  ? never
  : P;

/** What the operation answers. */
export type Output<M extends string, P extends string> =
  Operation<M, P> extends { responses: infer R }
    ? Lists<Json<R[keyof R & (200 | 201 | 202)]>>
    : never;

/** The body that the operation takes. */
export type Input<M extends string, P extends string> =
  Operation<M, P> extends { requestBody: infer B } ? Json<B> : undefined;

/** The parameters behind the question mark that the operation takes. */
export type Query<M extends string, P extends string> =
  Operation<M, P> extends { parameters: { query?: infer Q } } ? Q : never;

type Json<T> = T extends { content: { 'application/json': infer J } } ? J : undefined;

/** A shape whose lists are always lists: the server writes an empty one as [], never null. */
export type Listed<T> = T extends readonly (infer U)[]
  ? Listed<U>[]
  : T extends object
    ? { [K in keyof T]: Lists<T[K]> }
    : T;
type Lists<T> = Listed<Extract<T, readonly unknown[]> extends never ? T : Exclude<T, null>>;
