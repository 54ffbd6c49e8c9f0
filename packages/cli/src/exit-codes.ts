import { ApiError, isActive, ServerUnreachableError, type SessionStatus } from '@signalbox/client';

/** What the exit code of every command means. Documented in the help; scripts rely on it. */
export const EXIT = {
  ok: 0,
  /** It was tried and failed. For `run`: the session failed. */
  failure: 1,
  /** The command line, or what was sent, is not right. */
  usage: 2,
  notFound: 3,
  /** The state does not allow it, or somebody else changed it meanwhile. */
  conflict: 4,
  /** The server, its database or a runtime cannot be reached just now; worth trying again. */
  unavailable: 5,
  /** No key, or one whose role does not allow it. */
  forbidden: 6,
  /** For `run`: the session ran out of time. */
  timeout: 124,
  /** Interrupted; for `run`: the session was cancelled or stopped. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  401: EXIT.forbidden,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  409: EXIT.conflict,
  410: EXIT.notFound,
  412: EXIT.conflict,
  413: EXIT.usage,
  421: EXIT.forbidden,
  428: EXIT.usage,
  429: EXIT.unavailable,
  503: EXIT.unavailable,
};

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  RUNTIME_UNAVAILABLE: EXIT.unavailable,
  CONFIGURATION_INVALID: EXIT.usage,
  CONFIGURATION_UNKNOWN_KEY: EXIT.usage,
};

export function exitCodeOf(error: unknown): ExitCode {
  if (ServerUnreachableError.is(error)) return EXIT.unavailable;
  if (ApiError.is(error) || isCoreError(error)) {
    return BY_CODE[error.code] ?? BY_STATUS[error.status] ?? EXIT.failure;
  }
  return addressTaken(error) ? EXIT.conflict : EXIT.failure;
}

/** Whether somebody else listens where we were to. */
export function addressTaken(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}

/** The exit code that stands for how a session ended. */
export function exitCodeOfSession(status: SessionStatus): ExitCode {
  if (status === 'completed' || isActive(status)) return EXIT.ok;
  if (status === 'timeout') return EXIT.timeout;
  return status === 'cancelled' || status === 'stopped' ? EXIT.interrupted : EXIT.failure;
}

/** Errors of commands that open the data directly carry the same codes and statuses as those from the server. */
export function isCoreError(error: unknown): error is Error & { code: string; status: number } {
  return (
    error instanceof Error && error.name === 'SignalboxError' && typeof (error as { code?: unknown }).code === 'string'
  );
}
