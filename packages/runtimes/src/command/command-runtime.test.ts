import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunHandle, type RunSpec, SignalboxError, systemClock } from '@signalbox/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inheritedEnvironment } from '../process/index.ts';
import {
  isAlive,
  processesWithEnvironment,
  RecordingHost,
  RememberedIds,
  runSpec,
  until,
} from '../testing/run-witness.ts';
import { createCommandRuntime } from './command-runtime.ts';

let workspacePath: string;
let ids: RememberedIds;
let started: RunHandle[];

beforeEach(async () => {
  workspacePath = await mkdtemp(join(tmpdir(), 'signalbox-command-'));
  ids = new RememberedIds();
  started = [];
});

afterEach(async () => {
  for (const run of started) await run.stop(0);
  for (const runId of ids.given) expect(processesWithEnvironment(runId), 'processes left behind').toEqual([]);
  await rm(workspacePath, { recursive: true });
});

async function start(
  command: string[],
  host = new RecordingHost(),
  changes: Partial<RunSpec> = {},
): Promise<RunHandle> {
  const runtime = createCommandRuntime({ clock: systemClock, ids });
  const run = await runtime.start(runSpec({ command, workspacePath, ...changes }), host);
  started.push(run);
  return run;
}

const bash = (script: string) => ['bash', '-c', script];

/** Waits until the run printed `count` lines, and returns them as numbers. */
async function printedPids(host: RecordingHost, count: number): Promise<number[]> {
  await until(`${count} process ids`, () => host.text().split('\n').length > count);
  return host.text().trim().split('\n').map(Number);
}

describe('what a command is given and what it gives', () => {
  test('a command that ends with 0 completes, and both its streams become output events', async () => {
    const host = new RecordingHost();
    const run = await start(bash('echo one; echo two >&2; pwd'), host);
    const outcome = await run.done;
    expect(outcome).toMatchObject({ status: 'completed', exitCode: 0, signal: null, error: null });
    expect(host.text()).toBe(`one\n${workspacePath}\n`);
    expect(host.text('stderr')).toBe('two\n');
    expect(outcome.result).toMatchObject({ outputBytes: { stdout: 5 + workspacePath.length, stderr: 4 } });
  });

  test('a command may open its output by name, as shell scripts do', async () => {
    const host = new RecordingHost();
    const run = await start(bash('echo out > /dev/stdout; echo err > /dev/stderr'), host);
    expect(await run.done).toMatchObject({ status: 'completed' });
    expect([host.text(), host.text('stderr')]).toEqual(['out\n', 'err\n']);
  });

  test('arguments reach the program as they are, without a shell', async () => {
    const host = new RecordingHost();
    await (await start(['printf', '%s|', '$HOME', 'a b', '*', '; rm -rf x'], host)).done;
    expect(host.text()).toBe('$HOME|a b|*|; rm -rf x|');
  });

  test('the environment names project, session, attempt, run, workspace and prompt, and takes what the spec adds', async () => {
    const host = new RecordingHost();
    const spec = runSpec({
      command: bash('env'),
      workspacePath,
      attempt: 3,
      environment: { EXTRA: 'yes', SIGNALBOX_ATTEMPT: 'forged' },
    });
    await (await start(bash('env'), host, spec)).done;
    const environment = new Set(host.text().split('\n'));
    for (const line of [
      `SIGNALBOX_PROJECT_ID=${spec.projectId}`,
      `SIGNALBOX_SESSION_ID=${spec.sessionId}`,
      'SIGNALBOX_ATTEMPT=3',
      `SIGNALBOX_RUN_ID=${ids.given[0]}`,
      `SIGNALBOX_WORKSPACE=${workspacePath}`,
      'SIGNALBOX_PROMPT=mend the test',
      'EXTRA=yes',
    ]) {
      expect(environment).toContain(line);
    }
  });

  test('credentials of Signalbox itself are not inherited', () => {
    const inherited = inheritedEnvironment({
      PATH: '/bin',
      DATABASE_URL: 'postgres://secret',
      DATABASE_DIRECT_URL: 'postgres://secret',
      NATS_URL: 'nats://secret',
      SIGNALBOX_TOKEN: 'secret',
      MY_DATABASE_URL: 'mine',
    });
    expect(inherited).toEqual({ PATH: '/bin', MY_DATABASE_URL: 'mine' });
  });

  test('a prompt too long for the environment arrives whole on standard input', async () => {
    const prompt = 'é'.repeat(300_000);
    const host = new RecordingHost();
    const run = await start(bash('echo "[$(printenv SIGNALBOX_PROMPT)]"; wc -c'), host, { prompt });
    expect(await run.done).toMatchObject({ status: 'completed' });
    expect(host.text().split(/\s+/).filter(Boolean)).toEqual(['[]', '600000']);
  });

  test('a command that ignores a long prompt on its input is not disturbed by it', async () => {
    const run = await start(['true'], new RecordingHost(), { prompt: 'x'.repeat(1_000_000) });
    expect(await run.done).toMatchObject({ status: 'completed' });
  });

  test('characters cut by chunk borders come out whole; bytes that are no text are replaced', async () => {
    const host = new RecordingHost();
    const script = String.raw`printf '\xf0\x9f'; sleep 0.2; printf '\x9a\x82'; printf 'a\0b\xffc'; printf '\xe2\x82'`;
    await (await start(bash(script), host)).done;
    expect(host.text()).toBe('🚂a\uFFFDb\uFFFDc\uFFFD');
  });
});

describe('how a command ends', () => {
  test('an exit code other than 0 fails the run and may be retried', async () => {
    const outcome = await (await start(bash('echo nearly; exit 3'))).done;
    expect(outcome).toMatchObject({
      status: 'failed',
      exitCode: 3,
      error: { name: 'COMMAND_FAILED', retryable: true },
    });
    expect(outcome.error?.message).toContain('exit code 3');
    expect(outcome.result.outputTail).toBe('nearly\n');
  });

  test('an exit code that says the input is wrong is not worth a retry', async () => {
    const outcome = await (await start(bash('exit 64'))).done;
    expect(outcome).toMatchObject({ status: 'failed', error: { name: 'COMMAND_FAILED', retryable: false } });
  });

  test('a program ended by a signal of its own names the signal', async () => {
    const outcome = await (await start(bash('kill -SEGV $$'))).done;
    expect(outcome).toMatchObject({ status: 'failed', exitCode: null, signal: 'SIGSEGV' });
    expect(outcome.error).toMatchObject({ name: 'COMMAND_KILLED', retryable: true });
  });

  test('a missing program is RUNTIME_UNAVAILABLE and says what to do', async () => {
    const error = await start(['no-such-program-here']).catch((reason: unknown) => reason);
    expect(SignalboxError.is(error, 'RUNTIME_UNAVAILABLE')).toBe(true);
    expect(String(error)).toMatch(/"no-such-program-here" was not found.*Install it/);
  });

  test('a file that is not executable is RUNTIME_UNAVAILABLE', async () => {
    const path = join(workspacePath, 'tool.sh');
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, 0o644);
    await expect(start([path])).rejects.toMatchObject({ code: 'RUNTIME_UNAVAILABLE' });
  });

  test('a workspace that is gone, a missing command and a NUL in an argument are RUNTIME_FAILED', async () => {
    const gone = { workspacePath: join(workspacePath, 'gone') };
    await expect(start(['true'], undefined, gone)).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
    await expect(start([])).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
    await expect(start(['echo', 'a\0b'])).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
  });

  test('a command is stopped when asked, and hears SIGTERM first', async () => {
    const host = new RecordingHost();
    const run = await start(bash('trap "echo farewell; exit 7" TERM; echo ready; while :; do sleep 0.05; done'), host);
    await until('the program to be ready', () => host.text().includes('ready'));
    await run.stop(10_000);
    expect(await run.done).toMatchObject({ status: 'stopped', exitCode: 7, error: null });
    expect(host.text()).toContain('farewell');
  });

  test('a program that ignores SIGTERM is killed after the grace, also by a second, less patient stop', async () => {
    const host = new RecordingHost();
    const run = await start(bash('trap "" TERM; echo $$; while :; do sleep 0.05; done'), host);
    const [pid = 0] = await printedPids(host, 1);
    const patient = run.stop(3_600_000);
    await systemClock.sleep(300);
    expect(isAlive(pid)).toBe(true);
    await run.stop(50);
    await patient;
    expect(isAlive(pid)).toBe(false);
    expect(await run.done).toMatchObject({ status: 'stopped', signal: 'SIGKILL' });
  });

  test('a stop after the end changes nothing', async () => {
    const run = await start(['true']);
    await run.done;
    await run.stop(0);
    expect(await run.done).toMatchObject({ status: 'completed' });
    expect(run.runtimeSession()).toBeNull();
  });

  test('a lost claim ends the whole tree', async () => {
    const host = new RecordingHost(async () => {
      throw new SignalboxError('CLAIM_LOST', { id: 'x' });
    });
    const marker = join(workspacePath, 'pid');
    const run = await start(bash(`(setsid sleep 300 & echo $! > ${marker}); echo hello; sleep 300`), host);
    expect(await run.done).toMatchObject({ status: 'failed', error: { name: 'CLAIM_LOST', retryable: false } });
    expect(isAlive(Number(await readFile(marker, 'utf8')))).toBe(false);
    expect(host.events).toEqual([]);
  });

  test('output that cannot be recorded ends the run, which may be retried', async () => {
    const host = new RecordingHost(async () => {
      throw new Error('the disk is full');
    });
    const run = await start(bash('yes'), host);
    expect(await run.done).toMatchObject({
      status: 'failed',
      error: { name: 'OUTPUT_NOT_RECORDED', message: 'the disk is full', retryable: true },
    });
  });
});

describe('pausing', () => {
  test('a paused run stands still with all its processes, goes on when resumed, and can be stopped while paused', async () => {
    const [own, detached] = [join(workspacePath, 'own'), join(workspacePath, 'detached')];
    const count = (path: string) => `while :; do echo x >> ${path}; sleep 0.01; done`;
    const run = await start(bash(`(setsid bash -c '${count(detached)}' &); ${count(own)}`));
    const sizes = async () => [(await stat(own)).size, (await stat(detached)).size];
    const grow = async () => {
      const [a = 0, b = 0] = await sizes();
      await until('both counters to grow', async () => {
        const [x = 0, y = 0] = await sizes();
        return x > a && y > b;
      });
    };
    await until('both counters', async () => (await sizes().catch(() => [])).length === 2);
    await grow();
    await run.pause();
    const frozen = await sizes();
    await systemClock.sleep(600);
    expect(await sizes()).toEqual(frozen);
    await run.resume();
    await grow();
    await run.pause();
    await run.stop(500);
    expect(await run.done).toMatchObject({ status: 'stopped' });
  });
});

describe('a flood of output', () => {
  const BYTES = 50 * 1024 * 1024;

  test('while an event is pending the program waits, and nothing piles up here', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let bytes = 0;
    let pending = 0;
    let mostPending = 0;
    const host = new RecordingHost();
    host.emit = async (event) => {
      pending++;
      mostPending = Math.max(mostPending, pending);
      await held;
      if (event.type === 'output') bytes += event.text.length;
      pending--;
    };
    const before = process.memoryUsage();
    const run = await start(bash(`echo $$ > pid; yes | head -c ${BYTES}; echo $$ > finished`), host);
    await until('the program to begin', () => existsSync(join(workspacePath, 'pid')));
    await systemClock.sleep(1_500);
    const pid = Number(await readFile(join(workspacePath, 'pid'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    await expect(stat(join(workspacePath, 'finished'))).rejects.toMatchObject({ code: 'ENOENT' });
    const during = process.memoryUsage();
    expect(during.arrayBuffers + during.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(BYTES / 2);
    release();
    expect(await run.done).toMatchObject({ status: 'completed', result: { outputBytes: { stdout: BYTES } } });
    expect(bytes).toBe(BYTES);
    expect(mostPending).toBe(1);
  }, 120_000);
});

describe('availability', () => {
  test('the runtime says that it can run here, and how limits are applied', async () => {
    const availability = await createCommandRuntime({ clock: systemClock, ids }).check();
    expect(availability).toMatchObject({ available: true });
  });
});
