import type { HandleClientError } from '@sveltejs/kit';
import { asProblem, Problem } from '$lib/api/client';

/** What the error page shows: the server's own sentence when it gave one. */
export const handleError: HandleClientError = ({ error, message }) => {
  if (!(error instanceof Problem)) console.error(error);
  const problem = error instanceof Problem ? error : undefined;
  return { message: problem ? asProblem(problem).message : message, code: problem?.code };
};
