import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AcquireOptions,
  assertLockHeld,
  createCore,
  createLogger,
  type LockHandle,
  PgDatabase,
} from '@signalbox/core';
import { tell as tellTest } from '../processes/tell.ts';
import type { LockEvent } from './lock-history.ts';

// A process that uses locks as it is told on its standard input, one JSON command a line, and tells on its standard output what comes of it.

export type LockCommand =
  | { do: 'acquire'; call: string; resource: string; options: AcquireOptions }
  | { do: 'release'; call: string }
  /** Goes on until the process ends or is told to: so many owners, each taking one of the resources again and again. */
  | { do: 'load'; worker: string; owners: number; resources: string[]; ttlMs: number; waitMs: number }
  | { do: 'rest' };

export type LockAnswer =
  | { call: string; at: number; token: number; owner: string }
  | { call: string; at: number; code: string }
  | { call: string; at: number; released: boolean }
  | { call: string; at: number; lost: true }
  | { ready: true }
  | { resting: true }
  | { event: LockEvent };

const [connectionString = '', projectId = '', nodeId = ''] = process.argv.slice(2);
const database = new PgDatabase({ kind: 'server', pool: { connectionString }, onIdleError: () => undefined });
const logger = createLogger({ level: 'fatal' });
const core = createCore({ database, dataDir: '/nonexistent', nodeId, logger });
const handles = new Map<string, LockHandle>();
const resting = new AbortController();
const loops: Promise<void>[] = [];

const tell = (answer: LockAnswer) => tellTest(answer);

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}

async function obey(command: LockCommand): Promise<void> {
  if (command.do === 'acquire') {
    const { call, resource, options } = command;
    try {
      const handle = await core.locks.acquire(projectId, resource, options);
      handles.set(call, handle);
      handle.signal.addEventListener('abort', () => tell({ call, at: now(), lost: true }));
      tell({ call, at: now(), token: handle.token, owner: handle.owner });
    } catch (error) {
      tell({ call, at: now(), code: codeOf(error) });
    }
  } else if (command.do === 'release') {
    const released = (await handles.get(command.call)?.release()) ?? false;
    tell({ call: command.call, at: now(), released });
  } else if (command.do === 'load') {
    for (let owner = 0; owner < command.owners; owner += 1) loops.push(use(command));
  } else {
    resting.abort();
    await Promise.all(loops);
    tell({ resting: true });
  }
}

/** Takes locks until it may rest; writes under each what only its holder may write. */
async function use({ worker, resources, ttlMs, waitMs }: Extract<LockCommand, { do: 'load' }>): Promise<void> {
  const note = (event: LockEvent) => tell({ event });
  while (!resting.signal.aborted) {
    const id = core.ids.uuid();
    const resource = resources[randomInt(resources.length)] ?? '';
    const priority = randomInt(3);
    note({ kind: 'asked', at: now(), worker, id, resource, priority, waitMs });
    let handle: LockHandle;
    try {
      handle = await core.locks.acquire(projectId, resource, { requestId: id, priority, ttlMs, waitMs });
    } catch (error) {
      note({ kind: 'failed', at: now(), worker, id, code: codeOf(error) });
      await sleep(randomInt(50));
      continue;
    }
    note({ kind: 'granted', at: now(), worker, id, resource, token: handle.token });
    try {
      await sleep(randomInt(8));
      await write(handle);
      const at = now();
      if (handle.held) note({ kind: 'held', at, worker, id });
      note({ kind: 'released', at: now(), worker, id, free: await handle.release() });
    } catch (error) {
      note({ kind: 'failed', at: now(), worker, id, code: codeOf(error) });
    }
  }
}

async function write({ id, resource, token }: LockHandle): Promise<void> {
  const text = 'INSERT INTO effects (resource, token) VALUES ($1, $2)';
  await database.transaction(async (tx) => {
    await assertLockHeld(tx, projectId, { lockId: id, token });
    // Long enough that some are killed just here.
    if (randomInt(4) === 0) await sleep(randomInt(10));
    await tx.query({ name: '', text }, [resource, token]);
  });
}

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) void obey(JSON.parse(line) as LockCommand);
