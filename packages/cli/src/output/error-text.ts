import { oneLine } from './display-width.ts';

/** The error that a session ended with, as one line; null where there is none. */
export function errorText(error: unknown): string | null {
  if (error === null || error === undefined) return null;
  if (typeof error === 'object' && 'message' in error) return oneLine(String(error.message));
  return oneLine(typeof error === 'string' ? error : JSON.stringify(error));
}
