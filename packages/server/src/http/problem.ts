import { STATUS_CODES } from 'node:http';
import { DatabaseError, inputError, redactor, SignalboxError } from '@signalbox/core';
import { ZodError } from 'zod';
import type { Problem } from '../contract/problem.ts';
import { HttpError } from './error-table.ts';

export interface Answerable {
  problem: Problem;
  headers: Readonly<Record<string, string>>;
  /** True for defects of ours: they are logged with their stack, and the caller is told nothing of it. */
  defect: boolean;
}

/** Whatever was thrown, as the problem document that the caller gets (RFC 9457). */
export function toProblem(error: unknown, request: { url: string; traceId: string; bodyLimit: number }): Answerable {
  const known = recognise(error, request);
  const { code, details } = known;
  // What failed because it was refused is refused: whoever asked can do something about it.
  const refusal =
    known.status >= 500 && SignalboxError.is(known.cause) && known.cause.status < 500 ? known.cause : null;
  const { status } = refusal ?? known;
  return {
    problem: {
      ...details,
      ...(refusal ? { causedBy: refusal.code } : {}),
      type: `urn:signalbox:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: known.message,
      code,
      instance: redactor.url(request.url),
      traceId: request.traceId,
    },
    headers: {
      ...(known instanceof HttpError ? known.headers : {}),
      ...(status === 503 ? { 'retry-after': '1' } : {}),
    },
    defect: status >= 500 && status !== 503,
  };
}

function recognise(error: unknown, request: { traceId: string; bodyLimit: number }): SignalboxError | HttpError {
  if (error instanceof HttpError || SignalboxError.is(error)) return error;
  // Rooms that check their input themselves throw what zod throws.
  if (error instanceof ZodError) return inputError(error);
  if (DatabaseError.is(error) && error.kind === 'invalid_text') {
    return new HttpError('INVALID_TEXT', { where: 'The request', reason: error.message }, { cause: error });
  }
  if (isFastifyError(error)) return fromFastify(error, request);
  return new HttpError('INTERNAL_ERROR', { traceId: request.traceId }, { cause: error });
}

interface FastifyErrorLike extends Error {
  code: string;
  statusCode?: number;
}

function isFastifyError(error: unknown): error is FastifyErrorLike {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');
}

function fromFastify(error: FastifyErrorLike, request: { traceId: string; bodyLimit: number }): HttpError {
  const options = { cause: error };
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpError('BODY_TOO_LARGE', { limit: request.bodyLimit }, options);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpError('UNSUPPORTED_MEDIA_TYPE', { type: /: (.*)$/.exec(error.message)?.[1] ?? 'none' }, options);
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new HttpError('INVALID_JSON', { reason: 'it is empty' }, options);
    default:
      return error.statusCode !== undefined && error.statusCode < 500
        ? new HttpError('BAD_REQUEST', { reason: error.message }, options)
        : new HttpError('INTERNAL_ERROR', { traceId: request.traceId }, options);
  }
}
