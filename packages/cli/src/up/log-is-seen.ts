import { fstatSync } from 'node:fs';
import type { OutputStream } from '../io.ts';

/**
 * Whether the log stands between what we say to people: on a terminal, and where both go into one file or pipe
 * (`npm start > file 2>&1`). Not where a supervisor takes both through a socket: it keeps them for programs.
 */
export function logIsSeen({ stdout, stderr }: { stdout: OutputStream; stderr: OutputStream }): boolean {
  if (stderr.isTTY) return true;
  const [out, log] = [placeOf(stdout), placeOf(stderr)];
  return out !== null && log !== null && out.dev === log.dev && out.ino === log.ino;
}

/** Null for what is neither a file nor a pipe. */
function placeOf(stream: OutputStream): { dev: bigint; ino: bigint } | null {
  const { fd } = stream as { fd?: unknown };
  if (typeof fd !== 'number') return null;
  const facts = fstatSync(fd, { bigint: true });
  return facts.isFile() || facts.isFIFO() ? facts : null;
}
