import { existsSync } from 'node:fs';
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
import { keepSocketDirectory, makeSocketDirectory, removeSocketDirectory, SOCKET } from './socket-directory.ts';
import { processState, wasStartedWith } from './system-process.ts';

/** Milliseconds for a start; recovery after a crash counts in. */
const START_LIMIT = 120_000;

/** Milliseconds that a fast shutdown may take before a harsher one. */
const STOP_LIMIT = 30_000;

/** Milliseconds that what a killed server or program left behind may stand in the way of a start. */
const LEFTOVERS_LIMIT = 15_000;

/**
 * What a start says while leftovers are in its way: the children of a killed server need a moment to notice, and a killed program may have left a
 * server that is just coming up.
 */
const LEFTOVERS = /pre-existing shared memory block|lock file "postmaster.pid" (already exists|is empty)/;

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

/**
 * Takes over the server that runs on the cluster, or starts one; then its socket is in `socketDirectory` if that is given.
 *
 * @throws PostgresStartError
 */
export async function runServer(place: ServerPlace, socketDirectory: string | null = null): Promise<RunningServer> {
  const deadline = place.clock.monotonic() + LEFTOVERS_LIMIT;
  for (;;) {
    const running = await takeOver(place, socketDirectory);
    if (running) return running;
    try {
      return await start(place, socketDirectory);
    } catch (error) {
      const leftovers = error instanceof PostgresStartError && LEFTOVERS.test(error.log);
      if (!leftovers || place.clock.monotonic() > deadline) throw error;
      await pause(50);
    }
  }
}

/** Fast shutdown: open transactions are rolled back, everything committed is checkpointed. */
export async function stopServer(
  { pid, socketDirectory }: RunningServer,
  { clock, paths }: ServerPlace,
): Promise<void> {
  await stopPostgres(pid, { signal: 'SIGINT', timeout: STOP_LIMIT, clock });
  await removeSocketDirectory(socketDirectory, paths.home);
}

async function start(place: ServerPlace, kept: string | null): Promise<RunningServer> {
  const { program, paths, account, clock } = place;
  await boundLog(paths.logFile);
  if (kept !== null) await keepSocketDirectory(kept, account);
  const socketDirectory = kept ?? (await makeSocketDirectory(paths.home, account));
  await writeSettings(paths.cluster, socketDirectory, account);
  try {
    const { cluster, logFile } = paths;
    const pid = await startPostgres({ program, cluster, logFile, account, clock, timeout: START_LIMIT });
    return { pid, socketDirectory, adopted: false };
  } catch (error) {
    if (kept === null) await removeSocketDirectory(socketDirectory, paths.home);
    throw error;
  }
}

/** The server that runs already and can be reached; null when there is none, and nothing of it is left in the way. */
async function takeOver({ paths, clock }: ServerPlace, kept: string | null): Promise<RunningServer | null> {
  const left = await readPostmasterFile(paths.cluster);
  if (!left) return null;
  const running = await settle(left, paths.cluster, clock);
  const { socketDirectory } = running ?? left;
  if (running && socketDirectory) {
    if (existsSync(join(socketDirectory, SOCKET))) return { pid: running.pid, socketDirectory, adopted: true };
    // Its socket was cleaned away, so nobody can ever speak to it again.
    await stopPostgres(running.pid, { signal: 'SIGINT', timeout: STOP_LIMIT, clock });
  }
  if (socketDirectory && socketDirectory !== kept) await removeSocketDirectory(socketDirectory, paths.home);
  return null;
}

/**
 * Waits until the server that a `postmaster.pid` names is either ready or gone. PostgreSQL takes the file of a process id that exists for that of a
 * live server and does not start beside it. So the file of one that is gone goes too where the id is a zombie's or another program's;
 * what children of it may still run are found by their shared memory, which does not depend on the file.
 */
async function settle(left: PostmasterFile, cluster: string, clock: Clock): Promise<PostmasterFile | null> {
  const deadline = clock.monotonic() + START_LIMIT;
  for (let file: PostmasterFile | null = left; file; file = await readPostmasterFile(cluster)) {
    const state = processState(file.pid);
    if (state === 'gone') return null;
    if (state === 'zombie' || !wasStartedWith(file.pid, cluster)) {
      await rm(join(cluster, 'postmaster.pid'), { force: true });
      return null;
    }
    if (file.ready) return file;
    if (clock.monotonic() > deadline) {
      throw new PostgresStartError(`PostgreSQL (process ${file.pid}) does not get ready.`, '');
    }
    await pause(5);
  }
  return null;
}
