import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresAccount } from './postgres-account.ts';
import type { EmbeddedBinaries } from './postgres-binaries.ts';
import { SUPERUSER } from './postgres-settings.ts';

const run = promisify(execFile);

/** Where the embedded tier keeps things in a data directory; all of it belongs to the server's user. */
export interface ClusterPaths {
  /** Parent of the others. */
  home: string;
  /** PostgreSQL's own data directory. */
  cluster: string;
  logFile: string;
}

export function clusterPaths(dataDir: string): ClusterPaths {
  const home = join(dataDir, 'postgres');
  return { home, cluster: join(home, 'data'), logFile: join(home, 'postgres.log') };
}

/** Makes the directory that the server's user owns. */
export async function prepareHome(home: string, account: PostgresAccount | null): Promise<void> {
  await mkdir(home, { recursive: true });
  await chmod(home, 0o700);
  if (account) await chown(home, account.uid, account.gid);
}

/** The major that made the cluster: '18'. Null when there is none. */
export async function clusterMajor(cluster: string): Promise<string | null> {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Makes a new cluster: UTF-8, checksums, and the built-in C.UTF-8 locale, which sorts by code point and folds case the same on every system, with
 * or without locales installed. It appears under its name only when complete.
 */
export async function createCluster(
  { home, cluster }: ClusterPaths,
  binaries: EmbeddedBinaries,
  account: PostgresAccount | null,
): Promise<void> {
  // A name of its own: the `initdb` of a killed program may still be at work on the last draft, and stops when that is gone.
  for (const name of await readdir(home)) {
    if (name.startsWith('draft-')) await rm(join(home, name), { recursive: true, force: true });
  }
  const draft = await mkdtemp(join(home, 'draft-'));
  if (account) await chown(draft, account.uid, account.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await run(
    join(binaries.bin, 'initdb'),
    ['-D', draft, '-U', SUPERUSER, '--auth=peer', '--data-checksums', '--no-instructions', ...locale],
    {
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      ...(account && { uid: account.uid, gid: account.gid }),
    },
  );
  await rename(draft, cluster);
}
