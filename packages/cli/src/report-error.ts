import { ApiError, ServerUnreachableError } from '@signalbox/client';
import { addressTaken, EXIT, type ExitCode, exitCodeOf, isCoreError } from './exit-codes.ts';
import type { Io } from './io.ts';
import { styleFor } from './output/style.ts';
import { UsageError } from './usage-error.ts';

/**
 * Says what went wrong and what to do about it, on stderr: a sentence for people, or with `json` one object
 * `{ error: { code, status, detail, … } }` for programs. Returns the exit code.
 */
export function reportError(error: unknown, io: Io, json: boolean): ExitCode {
  const exitCode = error instanceof UsageError ? EXIT.usage : exitCodeOf(error);
  if (json) {
    io.stderr.write(`${JSON.stringify({ error: describe(error), exitCode })}\n`);
    return exitCode;
  }
  const style = styleFor(io.stderr, io.env);
  const advice = adviceFor(error);
  io.stderr.write(`${style('red', 'error:')} ${messageOf(error)}\n${advice === null ? '' : `${advice}\n`}`);
  if (io.env.SIGNALBOX_DEBUG && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return exitCode;
}

function describe(error: unknown): Record<string, unknown> {
  if (ApiError.is(error)) return error.problem;
  if (ServerUnreachableError.is(error)) return { code: error.code, detail: error.message };
  if (isCoreError(error)) return { code: error.code, status: error.status, detail: error.message };
  return { code: error instanceof UsageError ? 'USAGE' : 'FAILED', detail: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function adviceFor(error: unknown): string | null {
  if (ServerUnreachableError.is(error)) {
    return 'Start one with `signalbox up`, or say where it is with --url or SIGNALBOX_URL.';
  }
  if (addressTaken(error)) return 'Stop what listens there, or choose another port with --port or SIGNALBOX_PORT.';
  if (ApiError.is(error) && error.problem.traceId !== undefined && error.status >= 500) {
    return `Trace id: ${error.problem.traceId} (look for it in the log of the server).`;
  }
  if (!ApiError.is(error) && !isCoreError(error) && !(error instanceof UsageError)) {
    return 'Set SIGNALBOX_DEBUG=1 to see where it happened.';
  }
  return null;
}
