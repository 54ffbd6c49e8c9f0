import { ERROR_TABLE, type ErrorCode } from './error-table.ts';

export type ErrorDetails = Record<string, unknown>;

/** The one error class of core: a code of {@link ERROR_TABLE}, its HTTP status, and details that fill the message. */
export class SignalboxError extends Error {
  readonly code: ErrorCode;
  /** HTTP status, 400-599. */
  readonly status: number;
  /** Data for the caller's program; never secrets. */
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(renderMessage(ERROR_TABLE[code].message, details), options);
    this.name = 'SignalboxError';
    this.code = code;
    this.status = ERROR_TABLE[code].status;
    this.details = details;
  }

  /** True for an error of this class with the given code, also across duplicate installs of the package. */
  static is(error: unknown, code?: ErrorCode): error is SignalboxError {
    return (
      error instanceof Error &&
      error.name === 'SignalboxError' &&
      (code === undefined || (error as SignalboxError).code === code)
    );
  }
}

/** Fills `{name}` in a message of an error table from the details; lists are joined by commas. */
export function renderMessage(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = details[name];
    if (value === undefined) return whole;
    return Array.isArray(value) ? value.join(', ') : String(value);
  });
}
