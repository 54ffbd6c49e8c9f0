import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresAccount } from './postgres-account.ts';

/** The address of a unix socket holds 103 bytes on macOS and 107 on Linux; `/.s.PGSQL.5432.lock` has to fit as well. */
const LONGEST = 84;

/**
 * A directory for the server's socket that only the server's user can enter (mode 0700): `run` in `home`, or, where that path is too long for a
 * socket, a new one below the system's directory for temporary files.
 */
export async function makeSocketDirectory(home: string, account: PostgresAccount | null): Promise<string> {
  const near = join(home, 'run');
  let directory: string;
  if (Buffer.byteLength(near) <= LONGEST) {
    directory = near;
    await mkdir(directory, { recursive: true });
  } else {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-'));
  }
  await chmod(directory, 0o700);
  if (account) await chown(directory, account.uid, account.gid);
  return directory;
}

/** Removes a socket directory of {@link makeSocketDirectory} that lies outside of `home`. */
export async function removeSocketDirectory(directory: string, home: string): Promise<void> {
  if (directory === join(home, 'run') || !directory.startsWith(join(tmpdir(), 'signalbox-'))) return;
  await rm(directory, { recursive: true, force: true });
}
