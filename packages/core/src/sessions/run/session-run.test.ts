import { pino } from 'pino';
import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import type { RunHandle, RunOutcome, RunSpec } from '../runtime.ts';
import type { SessionRunHost } from './run-host.ts';
import { SessionRun } from './session-run.ts';

const OUTCOME: RunOutcome = { status: 'completed', exitCode: 0, signal: null, error: null, result: {} };
const SPEC: RunSpec = {
  projectId: 'p',
  sessionId: 's',
  attempt: 1,
  workspacePath: '/',
  prompt: 'do it',
  command: null,
  model: null,
  agentConfig: {},
  environment: {},
  limits: { cpuCores: null, memoryMb: null },
  resumeFrom: null,
};

test('a pause that comes while the runtime still starts is kept, and a resume after it', async () => {
  const done = Promise.withResolvers<RunOutcome>();
  const answered = Promise.withResolvers<RunHandle>();
  const heard: string[] = [];
  const handle: RunHandle = {
    done: done.promise,
    runtimeSession: () => null,
    pause: async () => void heard.push('pause'),
    resume: async () => void heard.push('resume'),
    stop: async () => undefined,
    usage: async () => ({ cpuSeconds: null, peakMemoryMb: null }),
  };
  const host: Pick<SessionRunHost, 'finish'> = { finish: async () => undefined };
  const run = new SessionRun({
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    runtime: { name: 'command', check: () => Promise.reject(new Error('not asked')), start: () => answered.promise },
    spec: SPEC,
    host: host as SessionRunHost,
    changes: null,
    limitSeconds: 60,
    onRuntimeSession: async () => undefined,
  });
  const report = run.execute();
  run.follow('paused');
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([]);
  answered.resolve(handle);
  await expect.poll(() => heard).toEqual(['pause']);
  run.follow('running');
  await expect.poll(() => heard).toEqual(['pause', 'resume']);
  done.resolve(OUTCOME);
  expect(await report).toMatchObject({ end: 'finished', outcome: OUTCOME });
});
