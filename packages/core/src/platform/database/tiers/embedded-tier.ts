import { rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { SignalboxError } from '../../errors/index.ts';
import { unusable } from './data-directory.ts';
import type { DataDirectoryLock } from './data-directory-lock.ts';
import { assertMajor, type DataDirectoryRecord, writeRecord } from './data-directory-record.ts';
import { clusterMajor, clusterPaths, createCluster, prepareHome } from './embedded-cluster.ts';
import { type RunningServer, runServer, type ServerPlace, stopServer } from './embedded-server.ts';
import { type PostgresAccount, postgresAccount } from './postgres-account.ts';
import { type EmbeddedBinaries, NoBinariesError } from './postgres-binaries.ts';
import { boundLog } from './postgres-log.ts';
import { OutOfReachError, reachableBinaries } from './postgres-reach.ts';
import { DATABASE, SOCKET_PORT, SUPERUSER } from './postgres-settings.ts';
import { isAlive } from './system-process.ts';
import type { OpenTier, TierLogger, TierParts } from './tier.ts';

/** Milliseconds between two looks whether the server still lives. */
const LOOK_EVERY = 500;

/** Longest pause in milliseconds after a start that failed; pauses double up to it. */
const RESTART_PAUSE = 30_000;

/** Milliseconds between two looks at the size of its log. */
const LOG_EVERY = 10 * 60_000;

/** PostgreSQL cannot run in this data directory; the message says why, for people. */
export class CannotRunError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CannotRunError';
  }
}

/**
 * The embedded PostgreSQL of a data directory whose lock we hold: adopted when it runs already, else started, and made first where `record` is
 * null. Should the server die by itself it is started again; the pool connects anew.
 *
 * @throws CannotRunError when PostgreSQL cannot run here
 * @throws SignalboxError DATA_DIRECTORY_OTHER_MAJOR
 */
export async function openEmbedded(
  dataDir: string,
  record: DataDirectoryRecord | null,
  lock: DataDirectoryLock,
  parts: TierParts,
): Promise<OpenTier> {
  const paths = clusterPaths(dataDir);
  if (record) await assertOwn(dataDir, paths.home);
  const account = await findAccount(paths.home);
  await prepareHome(paths.home, account);
  const place: Omit<ServerPlace, 'program'> = { paths, account, clock: parts.clock };
  const { binaries, server } = record ? await openCluster(dataDir, record, place) : await makeCluster(dataDir, place);
  if (!record) {
    await writeRecord(dataDir, {
      format: 1,
      kind: 'postgres',
      postgresMajor: binaries.major,
      createdBy: parts.programVersion,
      createdAt: parts.clock.now().toISOString(),
    });
  }
  const supervisor = new Supervisor(server, { ...place, program: programOf(binaries) }, parts.logger);
  return {
    kind: 'embedded',
    poolConfig: { host: server.socketDirectory, port: SOCKET_PORT, user: SUPERUSER, database: DATABASE },
    notice: null,
    version: binaries.version,
    adopted: server.adopted,
    announce: (address) => lock.announce(address),
    close: async () => {
      await supervisor.stop();
      await lock.release();
    },
  };
}

interface Opened {
  binaries: EmbeddedBinaries;
  server: RunningServer;
}

const programOf = (binaries: EmbeddedBinaries) => join(binaries.bin, 'postgres');

async function openCluster(
  dataDir: string,
  record: DataDirectoryRecord,
  place: Omit<ServerPlace, 'program'>,
): Promise<Opened> {
  const binaries = await findBinaries(place);
  const found = await clusterMajor(place.paths.cluster);
  assertMajor(dataDir, found ?? record.postgresMajor, binaries.major);
  if (found === null) {
    throw new SignalboxError('DATA_DIRECTORY_UNUSABLE', {
      dir: dataDir,
      reason: `${place.paths.cluster} is missing`,
      advice: 'Put it back from a backup, or choose another directory with SIGNALBOX_DATA_DIR.',
    });
  }
  return { binaries, server: await runServer({ ...place, program: programOf(binaries) }) };
}

/**
 * A new cluster, or one whose record is missing, since the start that made it was killed. Whatever but the disk keeps a new one from running (a
 * sandbox without shared memory, …) is a reason to do without it, and takes it away again.
 */
async function makeCluster(dataDir: string, place: Omit<ServerPlace, 'program'>): Promise<Opened> {
  const { home, cluster } = place.paths;
  const found = await clusterMajor(cluster);
  try {
    const binaries = await findBinaries(place);
    if (found === null) await createCluster(place.paths, binaries, place.account);
    else assertMajor(dataDir, found, binaries.major);
    return { binaries, server: await runServer({ ...place, program: programOf(binaries) }) };
  } catch (error) {
    if (found !== null) throw error;
    await rm(home, { recursive: true, force: true });
    const fault = unusable(dataDir, error);
    if (SignalboxError.is(fault) || error instanceof CannotRunError) throw fault;
    throw new CannotRunError(error instanceof Error ? error.message : String(error));
  }
}

/** A cluster of another user's shows as such, and not as a missing one. */
async function assertOwn(dataDir: string, home: string): Promise<void> {
  const { uid } = await stat(home);
  const self = process.getuid?.();
  if (self === undefined || self === 0 || self === uid) return;
  throw new SignalboxError('DATA_DIRECTORY_UNUSABLE', {
    dir: dataDir,
    reason: `its database belongs to the user with the id ${uid}, this program runs as ${self}`,
    advice:
      'Start it as the user that made it (root, if that id is a service account), or choose another with SIGNALBOX_DATA_DIR.',
  });
}

async function findAccount(home: string): Promise<PostgresAccount | null> {
  const account = await postgresAccount(home);
  if (account === undefined) {
    throw new CannotRunError(
      'PostgreSQL refuses to run as root, and this machine has no unprivileged user for it (postgres or nobody)',
    );
  }
  if (account === null && !isKnownUser()) {
    throw new CannotRunError(
      `PostgreSQL needs to know the name of the user it runs as, and the id ${process.getuid?.()} has none on this machine`,
    );
  }
  return account;
}

function isKnownUser(): boolean {
  try {
    return userInfo().username !== '';
  } catch (error) {
    // libuv's answer for an id without an entry in the user database; containers are often run as one.
    if ((error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR') return false;
    throw error;
  }
}

async function findBinaries({ paths, account }: Omit<ServerPlace, 'program'>): Promise<EmbeddedBinaries> {
  try {
    return await reachableBinaries(paths.home, account);
  } catch (error) {
    if (error instanceof OutOfReachError || error instanceof NoBinariesError) throw new CannotRunError(error.message);
    throw error;
  }
}

/** Keeps one server running until it is stopped. */
class Supervisor {
  #server: RunningServer;
  readonly #place: ServerPlace;
  readonly #logger: TierLogger | undefined;
  readonly #timers: (() => void)[];
  #restart: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;
  /** Starts that failed in a row, and the reading of the monotonic clock before which there is no other. */
  #failures = 0;
  #notBefore = 0;

  constructor(server: RunningServer, place: ServerPlace, logger: TierLogger | undefined) {
    this.#server = server;
    this.#place = place;
    this.#logger = logger;
    this.#timers = [
      place.clock.every(LOOK_EVERY, () => this.#look()),
      place.clock.every(LOG_EVERY, () => this.#trim()),
    ];
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    for (const stopTimer of this.#timers) stopTimer();
    await this.#restart;
    await stopServer(this.#server, this.#place);
  }

  #look(): void {
    const { clock } = this.#place;
    if (this.#restart || clock.monotonic() < this.#notBefore || isAlive(this.#server.pid)) return;
    this.#logger?.error(
      { pid: this.#server.pid, log: this.#place.paths.logFile },
      'PostgreSQL died; starting it again',
    );
    this.#restart = runServer(this.#place, this.#server.socketDirectory)
      .then(
        (server) => {
          this.#server = server;
          this.#failures = 0;
          this.#logger?.info({ pid: server.pid }, 'PostgreSQL is back');
        },
        (error: unknown) => {
          this.#failures += 1;
          this.#notBefore = clock.monotonic() + Math.min(LOOK_EVERY * 2 ** this.#failures, RESTART_PAUSE);
          this.#logger?.error({ err: error }, 'PostgreSQL could not be started; trying again');
        },
      )
      .finally(() => {
        this.#restart = null;
      });
  }

  #trim(): void {
    boundLog(this.#place.paths.logFile).catch((error: unknown) =>
      this.#logger?.warn({ err: error }, "PostgreSQL's log could not be cut"),
    );
  }
}
