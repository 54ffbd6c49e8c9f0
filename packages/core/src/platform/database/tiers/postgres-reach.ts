import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresAccount } from './postgres-account.ts';
import { copyBinaries, type EmbeddedBinaries, embeddedBinaries, packageRoot } from './postgres-binaries.ts';

const run = promisify(execFile);

/** PostgreSQL's binaries cannot be run here as the user they would have to run as; the message says why, for people. */
export class OutOfReachError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OutOfReachError';
  }
}

/**
 * Binaries that really run here as `account`, from a process that may write in `home` (which has to exist). Where the installed ones are hidden
 * from that user, they are copied into `home`'s neighbour `bin` (60 MB), unless the data directory is hidden just the same.
 *
 * @throws OutOfReachError when nothing helps: a hidden data directory, a C library of another kind, …
 */
export async function reachableBinaries(
  home: string,
  account: PostgresAccount | null,
  root: string = packageRoot(),
): Promise<EmbeddedBinaries> {
  const hidden = await hiddenFrom(home, account);
  if (hidden !== null) throw new OutOfReachError(`${hidden}; the data directory lies below it`);
  const copies = join(dirname(home), 'bin');
  const installed = await embeddedBinaries(copies, root);
  const blocked = await hiddenFrom(installed.bin, account);
  if (blocked === null) {
    await tryOut(installed, home, account);
    return installed;
  }
  const copied = {
    ...installed,
    bin: join(await copyBinaries(root, join(copies, `postgres-${installed.version}`)), 'native/bin'),
  };
  await tryOut(copied, home, account);
  return copied;
}

/** Runs `postgres --version` as the server would be run, in one go with a look whether `home` can be written. */
async function tryOut(binaries: EmbeddedBinaries, home: string, account: PostgresAccount | null): Promise<void> {
  try {
    await run('/bin/sh', ['-c', 'test -w "$0" && exec "$1" --version', home, join(binaries.bin, 'postgres')], {
      cwd: '/',
      ...(account && { uid: account.uid, gid: account.gid }),
    });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    throw new OutOfReachError(
      `the PostgreSQL in ${binaries.bin} does not run here${account ? ` as user ${account.name}` : ''}: ${said}`,
    );
  }
}

/** The first directory on the way to `path` that `account` may not pass, as a sentence; null when the way is free. */
async function hiddenFrom(path: string, account: PostgresAccount | null): Promise<string | null> {
  if (!account) return null;
  const way: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    way.unshift(at);
    if (at === dirname(at)) break;
  }
  for (const directory of way) {
    const { uid, gid, mode } = await stat(directory);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) {
      const octal = (mode & 0o777).toString(8);
      return `the directory ${directory} (mode ${octal}) is closed to the user ${account.name}, as whom PostgreSQL has to run because it refuses to run as root`;
    }
  }
  return null;
}
