import { HttpError } from './error-table.ts';

/** Proxies that compress weaken ETags; the version is the same. */
const VERSION = /^(?:W\/)?"(\d{1,9})"$/;

/**
 * The version in `If-Match`; undefined when it is not given and need not be.
 * @throws PRECONDITION_REQUIRED, INVALID_IF_MATCH
 */
export function versionOf(header: string | undefined, required: boolean): number | undefined {
  if (header === undefined) {
    if (required) throw new HttpError('PRECONDITION_REQUIRED');
    return undefined;
  }
  const version = VERSION.exec(header.trim())?.[1];
  if (version === undefined) throw new HttpError('INVALID_IF_MATCH', { value: header });
  return Number(version);
}

/** ETag of a noun that carries a version; null for anything else. */
export function etagOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('version' in answer)) return null;
  return typeof answer.version === 'number' ? `"${answer.version}"` : null;
}
