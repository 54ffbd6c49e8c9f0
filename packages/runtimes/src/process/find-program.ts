import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** These programs are large: a cold start from disk takes seconds. */
const VERSION_TIMEOUT_MS = 60_000;

export type FoundProgram =
  | { found: true; path: string; version: string }
  | { found: false; reason: string; advice: string };

/**
 * Looks for a program, as the shell would, and asks it for its version.
 *
 * @param program a path, or a name to be looked up on the PATH.
 * @param oldest the first release that can be driven.
 */
export async function findProgram(
  program: string,
  environment: NodeJS.ProcessEnv,
  { oldest, advice }: { oldest: string; advice: string },
): Promise<FoundProgram> {
  const path = await locate(program, environment);
  if (!path) {
    const where = program.includes('/') ? 'is not an executable file' : 'is not on the PATH';
    return { found: false, reason: `the program "${program}" ${where}`, advice };
  }
  // Only here: its hundred modules took a tenth of a second of each start, with the program or without.
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
    return { found: false, reason: `"${path} --version" did not name a version: ${said}`, advice };
  }
  if (!isAtLeast(version, oldest)) {
    return { found: false, reason: `${path} is version ${version}, ${oldest} is needed`, advice };
  }
  return { found: true, path, version };
}

export async function locate(program: string, environment: NodeJS.ProcessEnv): Promise<string | null> {
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
