import { writeSync } from 'node:fs';

const STANDARD_OUTPUT = 1;
/** How long a full pipe is left alone before the next try. */
const FULL_MS = 2;

/**
 * Writes an answer of a test's process to its standard output, a JSON document a line, at once: a process that is killed has told
 * all that it knew. Stands still while the pipe is full, as it is when the test has no time to read.
 */
export function tell(answer: object): void {
  let rest = Buffer.from(`${JSON.stringify(answer)}\n`);
  while (rest.length > 0) rest = rest.subarray(written(rest));
}

function written(bytes: Buffer): number {
  try {
    return writeSync(STANDARD_OUTPUT, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    return 0;
  }
}
