import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@signalbox/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive, processesWithEnvironment, RememberedIds, until } from '../testing/run-witness.ts';
import { describeLimits } from './describe-limits.ts';
import { type GuardedProcess, type GuardedProcessSpec, startGuardedProcess } from './guarded-process.ts';
import { inheritedEnvironment } from './inherited-environment.ts';

const DOOMED_HOST = fileURLToPath(new URL('../testing/doomed-host.ts', import.meta.url));

let directory: string;
let ids: RememberedIds;
let started: GuardedProcess[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-guarded-'));
  ids = new RememberedIds();
  started = [];
});

afterEach(async () => {
  for (const run of started) await run.stop(0);
  for (const runId of ids.given) expect(processesWithEnvironment(runId), 'processes left behind').toEqual([]);
  await rm(directory, { recursive: true });
});

async function start(script: string, limits: Partial<GuardedProcessSpec['limits']> = {}): Promise<GuardedProcess> {
  const run = await startGuardedProcess({
    runtime: 'command',
    runId: ids.uuid(),
    argv: ['bash', '-c', script],
    cwd: directory,
    environment: inheritedEnvironment(),
    stdin: 'empty',
    limits: { cpuCores: null, memoryMb: null, ...limits },
    adviceIfMissing: 'Install bash.',
  });
  started.push(run);
  run.stdout.resume();
  run.stderr.resume();
  return run;
}

/** Waits until `count` process ids stand in the file `pids` of the directory. */
async function recordedPids(count: number): Promise<number[]> {
  const read = async () => (await readFile(join(directory, 'pids'), 'utf8').catch(() => '')).trim().split('\n');
  await until(`${count} process ids`, async () => (await read()).filter(Boolean).length >= count);
  return (await read()).map(Number);
}

function parentOf(pid: number): Promise<number> {
  return readFile(`/proc/${pid}/stat`, 'latin1').then((line) =>
    Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1]),
  );
}

/** A grandchild with a session of its own whose parents are gone, deaf to SIGTERM and to hanging up: a daemon. */
const DAEMON = `(setsid bash -c 'trap "" TERM HUP; (echo $BASHPID >> pids; while :; do sleep 0.2; done) &' &)`;

function spawnHost(script: string, environment: Record<string, string> = {}) {
  return spawn(process.execPath, ['--conditions=source', DOOMED_HOST, directory, 'bash', '-c', script], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** A host process with a run of a program and a daemon under way. */
async function startDoomedHost() {
  const host = spawnHost(`echo $$ >> pids; ${DAEMON}; sleep 300`);
  await once(host.stdout, 'data');
  const [program = 0, daemon = 0] = await recordedPids(2);
  const processes = [program, daemon, await parentOf(program)];
  const runId = /SIGNALBOX_RUN_ID=([^\0]+)/.exec(await readFile(`/proc/${program}/environ`, 'latin1'))?.[1] ?? '';
  expect(runId).not.toBe('');
  ids.given.push(runId);
  expect(processes.map(isAlive)).toEqual([true, true, true]);
  return { host, processes };
}

describe('no ghosts', () => {
  test('a daemon that a program left behind is ended when the program ends by itself', async () => {
    const run = await start(`${DAEMON}; while [ ! -s pids ]; do sleep 0.01; done; exit 5`);
    const end = await run.ended;
    const [daemon = 0] = await recordedPids(1);
    expect(end).toMatchObject({ cause: 'program', exitCode: 5, beyondReach: 0 });
    expect(end.leftBehind).toBeGreaterThan(0);
    expect(isAlive(daemon)).toBe(false);
  });

  test('a daemon and its program are ended by stop', async () => {
    const run = await start(`echo $$ >> pids; ${DAEMON}; sleep 300`);
    const pids = await recordedPids(2);
    expect(pids.map(isAlive)).toEqual([true, true]);
    expect(await run.stop(200)).toMatchObject({ cause: 'stop', signal: 'SIGTERM' });
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('a process with an emptied environment and a session of its own is known by its descent, also when orphaned', async () => {
    const hidden = `env -i setsid bash -c 'echo $$ >> pids; exec sleep 300'`;
    const run = await start(`bash -c '${hidden.replaceAll("'", `'\\''`)} & sleep 2'; sleep 300`);
    const [pid = 0] = await recordedPids(1);
    await until('its parent to end', async () => (await parentOf(pid)) === 1 || !isAlive(await parentOf(pid)), {
      patienceMs: 10_000,
    });
    expect(isAlive(pid)).toBe(true);
    await run.stop(0);
    expect(isAlive(pid)).toBe(false);
  });

  test('what a part of the run has left is counted until it has ended, and nothing else of the run', async () => {
    const part = (mark: string) => `SIGNALBOX_RUN_PART=${mark} bash -c '${DAEMON.replaceAll("'", `'\\''`)}'`;
    const run = await start(`${part('a')}; sleep 300`);
    const [daemon = 0] = await recordedPids(1);
    // The daemon itself and what it sleeps by; not the program that still runs, nor the guard.
    expect(await run.count('a')).toBeGreaterThan(0);
    expect(await run.count('a')).toBeLessThanOrEqual(2);
    expect(await run.count('b')).toBe(0);
    process.kill(daemon, 'SIGKILL');
    await until('nothing to be left of it', async () => (await run.count('a')) === 0);
    expect(isAlive(run.pid)).toBe(true);
    await run.stop(0);
    expect(await run.count('a')).toBe(0);
  });

  test('when the host is killed with SIGKILL, program, daemon and guard are gone', async () => {
    const { host, processes } = await startDoomedHost();
    host.kill('SIGKILL');
    await until('program, daemon and guard to end', () => !processes.some(isAlive));
  });

  test('when the host is killed while the run is paused, nothing is left either', async () => {
    const { host, processes } = await startDoomedHost();
    host.kill('SIGUSR2');
    await once(host.stdout, 'data');
    host.kill('SIGKILL');
    await until('program, daemon and guard to end', () => !processes.some(isAlive));
  });

  test('when the host is killed at any moment of the start, nothing is left either', async () => {
    for (const delayMs of [100, 150, 200, 250, 300, 350, 400]) {
      const mark = `${directory}#${delayMs}`;
      const host = spawnHost('sleep 300; true', { MARK: mark });
      await systemClock.sleep(delayMs);
      host.kill('SIGKILL');
      await once(host, 'exit');
      // A run that was only just being started would show up late: look twice.
      await systemClock.sleep(500);
      await until('the run to end', () => processesWithEnvironment(mark).length === 0);
    }
  });

  test('a guard is deaf to the signals that end its host, and a killed guard does not free its run', async () => {
    const run = await start(`echo $$ >> pids; ${DAEMON}; sleep 300`);
    const [program = 0, daemon = 0] = await recordedPids(2);
    const guard = await parentOf(program);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.kill(guard, signal);
    await systemClock.sleep(300);
    expect([program, daemon, guard].map(isAlive)).toEqual([true, true, true]);
    process.kill(guard, 'SIGKILL');
    expect(await run.ended).toMatchObject({ cause: 'guard-lost', exitCode: null });
    expect([program, daemon].map(isAlive)).toEqual([false, false]);
    await run.pause();
    await run.stop(1_000);
  });

  test('the guard ends with its run', async () => {
    const run = await start('echo $PPID >> pids; sleep 0.3');
    const [guard = 0] = await recordedPids(1);
    await run.ended;
    await until('the guard to end', () => !isAlive(guard));
  });

  test('fifty processes that ignore SIGTERM are all ended', async () => {
    const run = await start(`trap "" TERM; for i in $(seq 50); do sleep 300 & echo $! >> pids; done; wait`);
    const pids = await recordedPids(50);
    expect(pids.filter(isAlive)).toHaveLength(50);
    await run.stop(100);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('a tree that keeps forking while it is ended is ended', async () => {
    // Each process starts its successor in a new session and ends: no process is there for long.
    const hop = `echo 'trap "" TERM; echo $$ >> pids; sleep 0.02; setsid bash hop & ' > hop`;
    const run = await start(`${hop}; for i in 1 2 3; do bash hop & done; sleep 300`);
    await recordedPids(30);
    await run.stop(100);
    const count = (await recordedPids(30)).length;
    await systemClock.sleep(500);
    expect(await recordedPids(30)).toHaveLength(count);
  });
});

describe('limits', () => {
  test('a run that grows over its memory limit is ended as a whole', async () => {
    const grow = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(16 << 20, 1)), 40)';
    const run = await start(`sleep 300 & echo $! >> pids; "${process.execPath}" -e '${grow}'`, { memoryMb: 200 });
    const [bystander = 0] = await recordedPids(1);
    const end = await run.ended;
    expect(end.cause).toBe('memory');
    expect(end.usage.peakMemoryMb).toBeGreaterThan(150);
    expect(isAlive(bystander)).toBe(false);
  });

  test('a run below its memory limit is left alone, and its peak is told', async () => {
    const hold = 'const kept = Buffer.alloc(100 << 20, 1); setTimeout(() => kept.length, 2000)';
    const run = await start(`"${process.execPath}" -e '${hold}'`, { memoryMb: 1_000 });
    const end = await run.ended;
    expect(end).toMatchObject({ cause: 'program', exitCode: 0 });
    expect(end.usage.peakMemoryMb).toBeGreaterThan(100);
  });

  test('a run with a CPU limit uses about as much, over all its processes', async () => {
    const run = await start('(while :; do :; done) & while :; do :; done', { cpuCores: 0.3 });
    expect(run.limitedBy).not.toBe('none');
    const begun = systemClock.monotonic();
    await systemClock.sleep(4_000);
    const { cpuSeconds } = await run.usage();
    const seconds = (systemClock.monotonic() - begun) / 1_000;
    // Two busy loops would take all the machine gives; the limit gives them 1.2 s here.
    expect(cpuSeconds).toBeGreaterThan(0.05);
    expect(cpuSeconds).toBeLessThan(0.3 * seconds * 1.8);
  });

  test('a pause holds, whatever the CPU limit allows', async () => {
    const run = await start('while :; do echo x >> counter; done', { cpuCores: 0.5 });
    await until('the counter', async () => (await readFile(join(directory, 'counter')).catch(() => '')).length > 0);
    await run.pause();
    const before = await readFile(join(directory, 'counter'));
    await systemClock.sleep(1_000);
    expect((await readFile(join(directory, 'counter'))).length).toBe(before.length);
  });

  test('CPU time of children that came and went is counted', async () => {
    const burn = `"${process.execPath}" -e 'while (process.cpuUsage().user < 300_000);'`;
    const run = await start(`${burn}; ${burn}`);
    const { usage } = await run.ended;
    expect(usage.cpuSeconds).toBeGreaterThan(0.5);
    expect(await run.usage()).toEqual(usage);
  });

  test('what doctor is told of limits names the mechanism and its reason', () => {
    const limits = describeLimits();
    expect(limits.reason).toMatch(/^Runs .+\.$/);
    expect(limits.cgroupParent === null).toBe(limits.mechanism === 'sampled');
  });
});
