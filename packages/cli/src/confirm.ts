import { createInterface } from 'node:readline/promises';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';

/**
 * Asks before something that cannot be taken back. Without a terminal there is nobody to ask: then it has to be said on the command line.
 * @throws UsageError where neither is the case
 */
export async function confirmed(io: Io, question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!io.stdin.isTTY) throw new UsageError(`${question} Say so with --yes.`);
  const asking = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
