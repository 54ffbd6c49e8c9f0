import { closeSync, openSync, readSync } from 'node:fs';
import { type SourceFileState, UNREADABLE } from '../file-facts.ts';

/** Why there is nothing of a source that leaves the parser no room. No person writes such. */
export const TOO_DEEP = 'is nested too deeply';
/** Bytes of a source, at most: what people write is smaller. */
const MOST_BYTES = 2 * 1024 * 1024;
/** A source of this size with lines so long, on average, was written by a program. */
const MINIFIED_FROM = 20_000;
const MOST_LINE = 400;
const SAMPLE = 64 * 1024;

/** Why nobody looks into a file; null for a source as people write it. */
export function whyUnread(root: string, { path, hash, size }: SourceFileState): string | null {
  if (size > MOST_BYTES) return `is larger than ${MOST_BYTES} bytes`;
  const sample = hash === UNREADABLE ? null : start(`${root}/${path}`);
  if (sample === null) return 'cannot be read';
  if (sample.includes(0)) return 'is no text';
  if (size < MINIFIED_FROM) return null;
  const lines = sample.toString('latin1').split('\n').length;
  return sample.length / lines > MOST_LINE ? 'is minified' : null;
}

/** Null for what cannot be read, or is gone by now. */
function start(file: string): Buffer | null {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return null;
  }
  try {
    const buffer = Buffer.alloc(SAMPLE);
    return buffer.subarray(0, readSync(handle, buffer, 0, SAMPLE, 0));
  } finally {
    closeSync(handle);
  }
}
