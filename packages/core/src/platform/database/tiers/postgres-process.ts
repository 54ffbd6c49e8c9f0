import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../clock/clock.ts';
import type { PostgresAccount } from './postgres-account.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { isAlive } from './system-process.ts';

/** Milliseconds between two looks at a file or process that is about to change. */
const LOOK_EVERY = 4;

/** A server that could not be started, with the end of what it wrote to its log. */
export class PostgresStartError extends Error {
  readonly log: string;

  constructor(message: string, log: string) {
    super(`${message}${log === '' ? '' : `\n${log}`}`);
    this.name = 'PostgresStartError';
    this.log = log;
  }
}

export interface PostgresStart {
  /** The `postgres` program. */
  program: string;
  /** The cluster's directory (`PGDATA`). */
  cluster: string;
  /** Further command line arguments. */
  args?: readonly string[];
  /** Whom the server runs as; null for the present user. */
  account: PostgresAccount | null;
  /** File that takes what the server says; appended to. */
  logFile: string;
  clock: Clock;
  /** Milliseconds after which a server that neither answers nor ends is given up. Crash recovery counts in. */
  timeout: number;
}

/**
 * Starts PostgreSQL in a session of its own, so that a Ctrl-C to our process group does not reach it before we have drained, and waits until it
 * accepts connections. Its output goes to a file and never through a pipe of ours: it has to outlive us.
 *
 * @throws PostgresStartError when the server ends or does not get ready in time; it is not left running.
 */
export async function startPostgres(start: PostgresStart): Promise<number> {
  const log = openSync(start.logFile, 'a');
  // An error is to show what this server says, not what an earlier one died of.
  const logStart = fstatSync(log).size;
  let child: ChildProcess;
  try {
    child = spawn(start.program, ['-D', start.cluster, ...(start.args ?? [])], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      ...(start.account && { uid: start.account.uid, gid: start.account.gid }),
    });
  } finally {
    closeSync(log);
  }
  let ended: string | null = null;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `PostgreSQL ended with ${signal ?? `exit code ${code}`} before it was ready.`;
  });
  const deadline = start.clock.monotonic() + start.timeout;
  for (;;) {
    if (ended !== null) throw new PostgresStartError(ended, await tail(start.logFile, logStart));
    // Asked before the look: where we stood still ourselves meanwhile, what we saw is as old as that.
    const late = start.clock.monotonic() > deadline;
    const file = await readPostmasterFile(start.cluster);
    if (file?.ready && file.pid === child.pid) {
      child.unref();
      return file.pid;
    }
    if (late) {
      const exited = once(child, 'exit');
      child.kill('SIGQUIT');
      await exited;
      throw new PostgresStartError(
        `PostgreSQL was not ready after ${start.timeout} ms.`,
        await tail(start.logFile, logStart),
      );
    }
    await pause(LOOK_EVERY);
  }
}

/** `SIGTERM` waits for clients to leave, `SIGINT` ends their transactions, `SIGQUIT` leaves recovery to the next start. */
export type PostgresStopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT';

/**
 * Sends `signal` to a server and waits until its process is gone; after `timeout` milliseconds the next harsher signal follows. Returns at
 * once when it is gone already.
 */
export async function stopPostgres(
  pid: number,
  { signal = 'SIGINT', timeout, clock }: { signal?: PostgresStopSignal; timeout: number; clock: Clock },
): Promise<void> {
  for (const step of [signal, 'SIGQUIT', 'SIGKILL'] as const) {
    if (!kill(pid, step)) return;
    const deadline = clock.monotonic() + timeout;
    while (clock.monotonic() <= deadline) {
      if (!isAlive(pid)) return;
      await pause(LOOK_EVERY);
    }
  }
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** The last lines that the server wrote to its log from byte `start` on. */
async function tail(file: string, start: number): Promise<string> {
  const text = (await readFile(file)).subarray(start).toString('utf8');
  return text.trimEnd().split('\n').slice(-12).join('\n');
}
