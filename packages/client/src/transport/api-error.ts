/** A problem document (RFC 9457) as the server sends it; further members depend on the code. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Stable code, the one programs should look at. */
  code: string;
  traceId?: string;
  [member: string]: unknown;
}

/** The server answered with an error. Thrown by every method of the client. */
export class ApiError extends Error {
  /** Stable code of the error; `HTTP_ERROR` when the answer was no problem document (a proxy's page, say). */
  readonly code: string;
  /** HTTP status, 400-599. */
  readonly status: number;
  /** The sentence for people. */
  readonly detail: string;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.problem = problem;
  }

  static is(error: unknown, code?: string): error is ApiError {
    return (
      error instanceof Error && error.name === 'ApiError' && (code === undefined || (error as ApiError).code === code)
    );
  }

  /** Reads the body of an answer that is not a success. */
  static fromAnswer(status: number, statusText: string, body: unknown): ApiError {
    if (isProblem(body)) return new ApiError({ ...body, status: body.status ?? status });
    const shown = typeof body === 'string' && body.trim() !== '' ? `: ${body.trim().slice(0, 200)}` : '';
    return new ApiError({
      type: 'about:blank',
      title: statusText,
      status,
      detail: `The server answered ${status} ${statusText}`.trimEnd() + shown,
      code: 'HTTP_ERROR',
    });
  }
}

/** Nobody answered: the server is not running, or the connection broke and stayed broken through the retries. */
export class ServerUnreachableError extends Error {
  readonly code = 'SERVER_UNREACHABLE';
  readonly baseUrl: string;

  constructor(baseUrl: string, options?: ErrorOptions) {
    super(`No Signalbox server answers at ${baseUrl}.`, options);
    this.name = 'ServerUnreachableError';
    this.baseUrl = baseUrl;
  }

  static is(error: unknown): error is ServerUnreachableError {
    return error instanceof Error && error.name === 'ServerUnreachableError';
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && typeof (body as Problem).code === 'string' && 'detail' in body;
}
