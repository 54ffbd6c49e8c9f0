import { isUtf8 } from 'node:buffer';
import { HttpError } from './error-table.ts';

/** Deepest nesting that is read. Far above any body of ours, far below what overflows a stack. */
export const MAX_DEPTH = 100;

/**
 * Reads a request's JSON body, refusing what would hurt further in: bytes that are not UTF-8, nesting that overflows
 * stacks, keys that reach prototypes, and text that PostgreSQL cannot hold.
 * @throws INVALID_JSON, INVALID_TEXT, FORBIDDEN_KEY
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new HttpError('INVALID_JSON', { reason: 'it is not UTF-8' });
  // Before parsing: the parser itself recurses.
  if (nestsTooDeep(bytes)) throw new HttpError('INVALID_JSON', { reason: `it nests deeper than ${MAX_DEPTH} levels` });
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HttpError(
      'INVALID_JSON',
      { reason: error instanceof Error ? error.message : 'unreadable' },
      { cause: error },
    );
  }
  if (SUSPICIOUS.test(text)) inspect(value);
  return value;
}

/** Only a text with one of these can hold what {@link inspect} looks for: keys may be spelt with escapes. */
const SUSPICIOUS = /__proto__|constructor|\\u/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Counts brackets outside of strings, without recursion. */
function nestsTooDeep(bytes: Buffer): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (OPENING.has(byte)) {
      if (++depth > MAX_DEPTH) return true;
    } else if (CLOSING.has(byte)) {
      depth--;
    }
  }
  return false;
}

/** Looks at every key and text; the depth is bounded by now. */
function inspect(value: unknown): void {
  if (typeof value === 'string') inspectText(value, 'The body');
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) inspect(item);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    // A key "constructor" by itself is harmless; only with "prototype" below it is it a way to other objects.
    const reaches =
      key === 'constructor' && typeof item === 'object' && item !== null && Object.hasOwn(item, 'prototype');
    if (key === '__proto__' || reaches) throw new HttpError('FORBIDDEN_KEY', { key });
    inspectText(key, 'A key of the body');
    inspect(item);
  }
}

/** @throws INVALID_TEXT for NUL and for half of a surrogate pair: PostgreSQL holds neither. */
export function inspectText(text: string, where: string): void {
  if (text.includes('\0')) throw new HttpError('INVALID_TEXT', { where, reason: 'it has a NUL character' });
  if (!text.isWellFormed()) throw new HttpError('INVALID_TEXT', { where, reason: 'it has half of a surrogate pair' });
}
