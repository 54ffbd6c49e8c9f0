import type { RuntimeAvailability } from '@signalbox/core';
import { type FoundProgram as Found, findProgram, locate } from '../process/index.ts';

/** The protocol of the server changed often before it: names of events, permissions, the shape of plugins. */
const OLDEST_OPENCODE = '1.18.0';

const ADVICE =
  'Install it with `npm install -g opencode-ai`, or name the program in the setting runtimes.opencode.program.';

export type FoundProgram =
  | (Extract<Found, { found: true }> & { hasRipgrep: boolean })
  | Extract<Found, { found: false }>;

/**
 * Looks for the OpenCode program, as the shell would, and asks it for its version.
 *
 * @param program a path, or a name to be looked up on the PATH.
 */
export async function findOpencode(program: string, environment: NodeJS.ProcessEnv): Promise<FoundProgram> {
  const found = await findProgram(program, environment, { oldest: OLDEST_OPENCODE, advice: ADVICE });
  return found.found ? { ...found, hasRipgrep: (await locate('rg', environment)) !== null } : found;
}

export function availabilityOf(found: FoundProgram): RuntimeAvailability {
  if (!found.found) return { available: false, reason: found.reason, advice: found.advice };
  const searches = found.hasRipgrep ? '' : '; without ripgrep (rg) on the PATH it downloads that at its first search';
  return { available: true, version: found.version, detail: `${found.path}${searches}` };
}
