import { ApiError, ServerUnreachableError } from '@signalbox/client';

/** An error as a person is told of it. */
export interface ShownProblem {
  title: string;
  detail: string;
  /** The stable code, for looking it up or quoting it. */
  code: string | null;
  traceId: string | null;
}

/** What to show for an error of the client: the server's own words where it gave some. */
export function shownProblem(error: unknown): ShownProblem {
  if (ApiError.is(error)) {
    return {
      title: error.status === 412 ? 'It was changed meanwhile' : error.problem.title,
      detail:
        error.status === 412 ? `${error.detail} What is shown has been read again: look, and repeat.` : error.detail,
      code: error.code,
      traceId: error.problem.traceId ?? null,
    };
  }
  if (ServerUnreachableError.is(error)) {
    return {
      title: 'The server does not answer',
      detail: 'It may be restarting. This page goes on by itself when it is back.',
      code: null,
      traceId: null,
    };
  }
  return {
    title: 'Something went wrong in this page',
    detail: error instanceof Error ? error.message : String(error),
    code: null,
    traceId: null,
  };
}
