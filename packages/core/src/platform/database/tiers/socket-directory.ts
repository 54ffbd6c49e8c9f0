import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresAccount } from './postgres-account.ts';
import { SOCKET_PORT } from './postgres-settings.ts';

/** The name that PostgreSQL gives its socket. */
export const SOCKET = `.s.PGSQL.${SOCKET_PORT}`;

/** The address of a unix socket holds 103 bytes on macOS and 107 on Linux; `/.s.PGSQL.5432.lock` has to fit as well. */
const LONGEST = 84;

/**
 * A directory for the server's socket that only the server's user can enter (mode 0700): `run` in `home`, or, where that path is too long for a
 * socket, a new one below the system's directory for temporary files. PostgreSQL notes it in `postmaster.pid`.
 */
export async function makeSocketDirectory(home: string, account: PostgresAccount | null): Promise<string> {
  const near = join(home, 'run');
  if (Buffer.byteLength(near) <= LONGEST) {
    await keepSocketDirectory(near, account);
    return near;
  }
  const far = await mkdtemp(join(tmpdir(), 'signalbox-'));
  await keepSocketDirectory(far, account);
  return far;
}

/** Puts a socket directory in order for a start: made anew where it was cleaned away, and without the socket of a server that was killed. */
export async function keepSocketDirectory(directory: string, account: PostgresAccount | null): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const socket of [SOCKET, `${SOCKET}.lock`]) await rm(join(directory, socket), { force: true });
  await chmod(directory, 0o700);
  if (account) await chown(directory, account.uid, account.gid);
}

/** Removes a socket directory of {@link makeSocketDirectory} that lies outside of `home`. */
export async function removeSocketDirectory(directory: string, home: string): Promise<void> {
  if (directory === join(home, 'run') || !directory.startsWith(join(tmpdir(), 'signalbox-'))) return;
  await rm(directory, { recursive: true, force: true });
}
