import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../platform/clock/clock.ts';
import { type PostgresAccount, postgresAccount } from '../platform/database/tiers/postgres-account.ts';
import { embeddedBinaries } from '../platform/database/tiers/postgres-binaries.ts';
import { type PostgresStopSignal, startPostgres, stopPostgres } from '../platform/database/tiers/postgres-process.ts';

const run = promisify(execFile);

/** Where Debian and its kin keep the programs of each installed major. */
const DEBIAN = '/usr/lib/postgresql';

/** Milliseconds a throwaway server may take to start or to stop. */
const PATIENCE = 60_000;

/** A PostgreSQL server that belongs to the tests alone and goes with them. */
export interface ServerPostgres {
  /** For `pg` over loopback TCP: superuser `postgres`, database `postgres`. */
  connectionString: string;
  /** The same over the unix socket. */
  socketConnectionString: string;
  /** Directory of the unix socket. */
  socketDirectory: string;
  port: number;
  /** '15', '18', … */
  major: string;
  /** Process id of the postmaster; another one after {@link restart}. */
  pid(): number;
  /** Ends the server (SIGQUIT as a crash would, by default) and starts it on the same data and port. */
  restart(signal?: PostgresStopSignal): Promise<void>;
  /** Ends the server without starting it again; {@link restart} brings it back. */
  halt(signal?: PostgresStopSignal): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a throwaway PostgreSQL: the highest of the machine's own majors up to `newest` (15 is what stores are tested on), else the embedded
 * binaries. It runs as an unprivileged user in a temporary directory, and ends with the tests even when they are killed.
 */
export async function startServerPostgres(
  options: {
    /** True: fsync and synchronous commits as in production, for tests that count what survived a crash. Default false. */
    durable?: boolean;
    /** Highest major taken from the machine. Default 15. */
    newest?: number;
    /** Further settings, as `{ max_connections: '20' }`. */
    settings?: Record<string, string>;
  } = {},
): Promise<ServerPostgres> {
  const account = await postgresAccount();
  if (account === undefined) throw new Error('This machine has no unprivileged user that PostgreSQL could run as.');
  const home = await mkdtemp(join(tmpdir(), 'signalbox-pg-'));
  const { bin, major } = await findPrograms(options.newest ?? 15, join(home, 'bin'));
  if (account) await chown(home, account.uid, account.gid);
  const cluster = join(home, 'data');
  const socketDirectory = home;
  await run(
    join(bin, 'initdb'),
    ['-D', cluster, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    {
      cwd: '/',
      ...(account && { uid: account.uid, gid: account.gid }),
    },
  );
  const durability = options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: socketDirectory,
    max_connections: '200',
    shared_buffers: '64MB',
    ...durability,
    ...options.settings,
  };
  const start = async () => {
    const pid = await startPostgres({
      program: join(bin, 'postgres'),
      cluster,
      args: Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      account,
      logFile: join(home, 'postgres.log'),
      clock: systemClock,
      timeout: PATIENCE,
    });
    return { pid, guard: guardOf(pid, home, account) };
  };
  let server: Awaited<ReturnType<typeof start>> | null = await start();
  const halt = async (signal: PostgresStopSignal = 'SIGQUIT') => {
    if (!server) return;
    const { pid, guard } = server;
    server = null;
    guard.stdin?.end('stand down\n');
    await stopPostgres(pid, { signal, timeout: PATIENCE, clock: systemClock });
  };
  return {
    connectionString: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    socketConnectionString: `postgresql:///postgres?host=${encodeURIComponent(socketDirectory)}&port=${port}&user=postgres`,
    socketDirectory,
    port,
    major,
    pid: () => {
      if (!server) throw new Error('The server is halted.');
      return server.pid;
    },
    restart: async (signal) => {
      await halt(signal);
      server = await start();
    },
    halt,
    stop: async () => {
      await halt('SIGQUIT');
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The directory of `initdb` and `postgres`, and their major. */
async function findPrograms(newest: number, copyTo: string): Promise<{ bin: string; major: string }> {
  const installed = (existsSync(DEBIAN) ? await readdir(DEBIAN) : [])
    .map(Number)
    .filter((major) => major >= 15 && major <= newest)
    .sort((a, b) => b - a);
  if (installed[0] !== undefined)
    return { bin: join(DEBIAN, String(installed[0]), 'bin'), major: String(installed[0]) };
  const embedded = await embeddedBinaries(copyTo);
  return { bin: embedded.bin, major: embedded.version.split('.')[0] ?? '' };
}

/**
 * A shell that waits on a pipe of ours. When the pipe breaks because the tests were killed, it ends the server and removes its data; a
 * line on the pipe sends it home.
 */
function guardOf(pid: number, home: string, account: PostgresAccount | null): ChildProcess {
  // The file goes with the server; its process may linger as a zombie where nobody reaps orphans.
  const script = `read word && exit 0; kill -QUIT ${pid}; while [ -e "$0/data/postmaster.pid" ]; do sleep 0.1; done; rm -rf "$0"`;
  const guard = spawn('/bin/sh', ['-c', script, home], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  guard.unref();
  // The pipe must not keep the tests' process alive by itself.
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}
