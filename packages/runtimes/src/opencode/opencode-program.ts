import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { RuntimeAvailability } from '@signalbox/core';

/** The protocol of the server changed often before it: names of events, permissions, the shape of plugins. */
const OLDEST_OPENCODE = '1.18.0';

const ADVICE =
  'Install it with `npm install -g opencode-ai`, or name the program in the setting runtimes.opencode.program.';
/** The program is large: a cold start from disk takes seconds. */
const VERSION_TIMEOUT_MS = 60_000;

export type FoundProgram =
  | { found: true; path: string; version: string; hasRipgrep: boolean }
  | { found: false; reason: string; advice: string };

/**
 * Looks for the OpenCode program, as the shell would, and asks it for its version.
 *
 * @param program a path, or a name to be looked up on the PATH.
 */
export async function findOpencode(program: string, environment: NodeJS.ProcessEnv): Promise<FoundProgram> {
  const path = await locate(program, environment);
  if (!path) {
    const where = program.includes('/') ? 'is not an executable file' : 'is not on the PATH';
    return { found: false, reason: `the program "${program}" ${where}`, advice: ADVICE };
  }
  // Only here: its hundred modules took a tenth of a second of each start, with OpenCode or without.
  const { execa } = await import('execa');
  const result = await execa(path, ['--version'], {
    env: environment,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: VERSION_TIMEOUT_MS,
    maxBuffer: 64 * 1024,
  });
  const version = /^v?(\d+\.\d+\.\d+\S*)/m.exec(result.stdout)?.[1];
  if (result.failed || !version) {
    const said = (result.stderr || result.stdout || result.shortMessage || 'it said nothing').slice(0, 300);
    return { found: false, reason: `"${path} --version" did not name a version: ${said}`, advice: ADVICE };
  }
  if (!isAtLeast(version, OLDEST_OPENCODE)) {
    return { found: false, reason: `${path} is version ${version}, ${OLDEST_OPENCODE} is needed`, advice: ADVICE };
  }
  return { found: true, path, version, hasRipgrep: (await locate('rg', environment)) !== null };
}

export function availabilityOf(found: FoundProgram): RuntimeAvailability {
  if (!found.found) return { available: false, reason: found.reason, advice: found.advice };
  const searches = found.hasRipgrep ? '' : '; without ripgrep (rg) on the PATH it downloads that at its first search';
  return { available: true, version: found.version, detail: `${found.path}${searches}` };
}

async function locate(program: string, environment: NodeJS.ProcessEnv): Promise<string | null> {
  const candidates =
    isAbsolute(program) || program.includes('/')
      ? [resolve(program)]
      : (environment.PATH ?? '').split(delimiter).flatMap((folder) => (folder ? [join(folder, program)] : []));
  for (const candidate of candidates) {
    if (await isExecutableFile(candidate)) return candidate;
  }
  return null;
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    // Whatever the system says against it (absent, forbidden, a dangling link): it is not a program we can run.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** Compares release numbers; what follows them (`-beta.1`) is not looked at. */
function isAtLeast(version: string, oldest: string): boolean {
  const [a, b] = [version, oldest].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  for (let index = 0; index < 3; index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
