import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../clock/clock.ts';
import type { ClusterPaths } from './embedded-cluster.ts';
import type { PostgresAccount } from './postgres-account.ts';
import { boundLog } from './postgres-log.ts';
import { PostgresStartError, startPostgres, stopPostgres } from './postgres-process.ts';
import { writeSettings } from './postgres-settings.ts';
import { type PostmasterFile, readPostmasterFile } from './postmaster-file.ts';
import { isAlive } from './process-identity.ts';
import { makeSocketDirectory, removeSocketDirectory } from './socket-directory.ts';

/** Milliseconds for a start; recovery after a crash counts in. */
const START_LIMIT = 120_000;

/** Milliseconds that a fast shutdown may take before a harsher one. */
const STOP_LIMIT = 30_000;

/** Milliseconds that processes of a killed server may hold its memory before a start counts as failed. */
const ORPHANS_LIMIT = 10_000;

export interface ServerPlace {
  /** The `postgres` program. */
  program: string;
  paths: ClusterPaths;
  account: PostgresAccount | null;
  clock: Clock;
}

export interface RunningServer {
  pid: number;
  socketDirectory: string;
  /** True when it was running already. */
  adopted: boolean;
}

/** Takes over the server that runs on the cluster, or starts one. */
export async function runServer(place: ServerPlace): Promise<RunningServer> {
  const { home, cluster, logFile } = place.paths;
  const left = await readPostmasterFile(cluster);
  if (left) {
    const running = await settle(left, place);
    if (running?.socketDirectory) return { pid: running.pid, socketDirectory: running.socketDirectory, adopted: true };
    if (left.socketDirectory) await removeSocketDirectory(left.socketDirectory, home);
  }
  await boundLog(logFile);
  const socketDirectory = await makeSocketDirectory(home, place.account);
  await writeSettings(cluster, socketDirectory, place.account);
  return { pid: await startPastOrphans(place), socketDirectory, adopted: false };
}

/** Fast shutdown: open transactions are rolled back, everything committed is checkpointed. */
export async function stopServer(
  { pid, socketDirectory }: RunningServer,
  { clock, paths }: ServerPlace,
): Promise<void> {
  await stopPostgres(pid, { signal: 'SIGINT', timeout: STOP_LIMIT, clock });
  await removeSocketDirectory(socketDirectory, paths.home);
}

/**
 * Waits until the server that a `postmaster.pid` names is either ready or gone. A process id that belongs to another program by now stands for a
 * server that was killed: its file goes, since PostgreSQL itself would not start beside it.
 */
async function settle(left: PostmasterFile, { paths, clock }: ServerPlace): Promise<PostmasterFile | null> {
  const deadline = clock.monotonic() + START_LIMIT;
  let file: PostmasterFile | null = left;
  while (file && isAlive(file.pid)) {
    if (!serves(file.pid, paths.cluster)) {
      await rm(join(paths.cluster, 'postmaster.pid'));
      return null;
    }
    if (file.ready) return file;
    if (clock.monotonic() > deadline)
      throw new PostgresStartError(`PostgreSQL (process ${file.pid}) does not get ready.`, '');
    await pause(5);
    file = await readPostmasterFile(paths.cluster);
  }
  return null;
}

/** True when the process was started by us as the server of this cluster. */
function serves(pid: number, cluster: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return false;
    throw error;
  }
}

/** When a postmaster is killed its children need a moment to notice; until then their shared memory keeps a new one out. */
async function startPastOrphans(place: ServerPlace): Promise<number> {
  const { program, paths, account, clock } = place;
  const deadline = clock.monotonic() + ORPHANS_LIMIT;
  for (;;) {
    try {
      return await startPostgres({
        program,
        cluster: paths.cluster,
        account,
        logFile: paths.logFile,
        clock,
        timeout: START_LIMIT,
      });
    } catch (error) {
      const orphans = error instanceof PostgresStartError && /pre-existing shared memory block/.test(error.log);
      if (!orphans || clock.monotonic() > deadline) throw error;
      await pause(50);
    }
  }
}
