import { type ErrorDetails, renderMessage } from '@signalbox/core';

/** Errors that only HTTP knows. Those of the rooms are in core's table; both reach the caller in the same form. */
export const HTTP_ERROR_TABLE = {
  ROUTE_NOT_FOUND: { status: 404, message: 'There is nothing at {method} {path}. The API is described at {document}.' },
  METHOD_NOT_ALLOWED: { status: 405, message: '{path} does not take {method}. It takes: {allowed}.' },
  BODY_TOO_LARGE: { status: 413, message: 'The body is larger than the {limit} bytes that are taken here.' },
  INVALID_JSON: { status: 400, message: 'The body is not JSON: {reason}.' },
  INVALID_TEXT: { status: 400, message: '{where} holds text that cannot be stored: {reason}.' },
  FORBIDDEN_KEY: { status: 400, message: 'The body holds the key "{key}", which is refused.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'Bodies must be application/json, not {type}.' },
  BAD_REQUEST: { status: 400, message: 'The request cannot be read: {reason}.' },
  HOST_NOT_ALLOWED: {
    status: 421,
    message: 'This server does not answer for the host "{host}". Add it to SIGNALBOX_ALLOWED_HOSTS if it should.',
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    message: 'Web pages of {origin} may not do this. Add the origin to SIGNALBOX_ALLOWED_ORIGINS if they should.',
  },
  CSRF_TOKEN_INVALID: {
    status: 403,
    message:
      'Signed in by cookie, whatever changes something needs the header X-Signalbox-CSRF, with the token that GET /api/v1/identity tells.',
  },
  PRECONDITION_REQUIRED: {
    status: 428,
    message: 'Send `If-Match` with the version that you saw (the ETag), so that nobody else’s change is lost.',
  },
  INVALID_IF_MATCH: { status: 400, message: 'If-Match must be one version in quotes, like "3", not {value}.' },
  INVALID_IDEMPOTENCY_KEY: { status: 400, message: 'An Idempotency-Key has 1 to 255 characters.' },
  RATE_LIMITED: { status: 429, message: 'More than {limit} requests a minute. Try again in {seconds} s.' },
  TOO_MANY_STREAMS: { status: 503, message: 'There are {limit} event streams open, which is all there may be.' },
  EXPORT_IN_PROGRESS: {
    status: 409,
    message: 'Another export is being made or fetched just now. Try again when it is done.',
  },
  STOPPING: { status: 503, message: 'The server is stopping. Try again shortly.' },
  INTERNAL_ERROR: {
    status: 500,
    message: 'Something went wrong here. Please report it with the trace id {traceId}, under which the log has more.',
  },
} as const satisfies Record<string, { status: number; message: string }>;

export type HttpErrorCode = keyof typeof HTTP_ERROR_TABLE;

/** An error of the table above. */
export class HttpError extends Error {
  readonly code: HttpErrorCode;
  readonly status: number;
  readonly details: ErrorDetails;
  /** Sent with the problem document. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: HttpErrorCode,
    details: ErrorDetails = {},
    options: ErrorOptions & { headers?: Record<string, string> } = {},
  ) {
    super(renderMessage(HTTP_ERROR_TABLE[code].message, details), options);
    this.name = 'HttpError';
    this.code = code;
    this.status = HTTP_ERROR_TABLE[code].status;
    this.details = details;
    this.headers = options.headers ?? {};
  }
}
