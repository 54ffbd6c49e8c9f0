import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from '../platform/database/tiers/system-process.ts';

const run = promisify(execFile);

/** Where Linux keeps files in memory. */
const MEMORY = '/dev/shm';

const NAME = 'signalbox-tests-';

/** What all tests together have in files at one time is far less. */
const ENOUGH_BYTES = 6 * 1024 ** 3;

/**
 * Lets everything that is started from now on have its temporary files in memory, where there is enough of it: tests make and remove
 * some hundred thousand of them, and wait for the disk otherwise.
 *
 * @returns what takes them away again.
 */
export async function temporaryFilesInMemory(): Promise<() => Promise<void>> {
  const before = process.env.TMPDIR;
  const root = (await hasRoom()) ? await makeRoot() : null;
  if (root === null) return async () => undefined;
  process.env.TMPDIR = root;
  return async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(root, { recursive: true, force: true });
  };
}

async function hasRoom(): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Null where no program can be run from there, as in many containers: some tests do. */
async function makeRoot(): Promise<string | null> {
  await removeLeftovers();
  const root = await mkdtemp(join(MEMORY, `${NAME}${process.pid}-`));
  // As the usual place is: tests run programs as other users.
  await chmod(root, 0o1777);
  const probe = join(root, 'probe');
  await writeFile(probe, '#!/bin/sh\n', { mode: 0o755 });
  try {
    await run(probe);
    return root;
  } catch {
    await rm(root, { recursive: true, force: true });
    return null;
  }
}

/** Of runs that were killed: nobody else gives the memory back. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(MEMORY)) {
    const pid = name.startsWith(NAME) ? Number.parseInt(name.slice(NAME.length), 10) : Number.NaN;
    if (!Number.isNaN(pid) && !isAlive(pid)) await rm(join(MEMORY, name), { recursive: true, force: true });
  }
}
