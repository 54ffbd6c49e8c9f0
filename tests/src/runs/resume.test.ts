import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunHandle, RunHost, RunOutcome, RunSpec, Runtime, RuntimeEvent, ToolDecision } from '@signalbox/core';
import { SignalboxError } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRuns, type RunHarness } from './run-harness.ts';

/** A runtime that speaks as OpenCode does, and does in each run what a test says. */
class ScriptedRuntime implements Runtime {
  readonly name = 'opencode';
  readonly specs: RunSpec[] = [];
  #script: (host: RunHost) => Promise<RunOutcome['status']> = () => Promise.resolve('completed');

  plays(script: (host: RunHost) => Promise<RunOutcome['status']>): void {
    this.#script = script;
  }

  check() {
    return Promise.resolve({ available: true, version: 'test', detail: 'Does what a test says.' } as const);
  }

  start(spec: RunSpec, host: RunHost): Promise<RunHandle> {
    this.specs.push(spec);
    const done = this.#script(host).then((status) => {
      const error = status === 'failed' ? { name: 'Broken', message: 'it broke off', retryable: true } : null;
      return { status, exitCode: 0, signal: null, error, result: {} };
    });
    return Promise.resolve({
      done,
      runtimeSession: () => ({ runtimeSessionId: 'ses_1', messageId: 'msg_last' }),
      pause: () => Promise.resolve(),
      resume: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      usage: () => Promise.resolve({ cpuSeconds: null, peakMemoryMb: null }),
    });
  }
}

let runs: RunHarness;
const runtime = new ScriptedRuntime();
beforeAll(async () => {
  runs = await openRuns(postgresBackend, { runtimes: [runtime] });
  runs.runner.start();
});
afterAll(() => runs.close());

const call = (callId: string, command: string) => ({ callId, tool: 'bash', arguments: { command } });
const opened: RuntimeEvent = { type: 'status', phase: 'opened', detail: { runtimeSessionId: 'ses_1' } };
const said = (messageId: string): RuntimeEvent => {
  return { type: 'message', role: 'assistant', messageId, text: 'so', final: true };
};
async function make(host: RunHost, one: ReturnType<typeof call>, output: string | null): Promise<ToolDecision> {
  await host.emit({ type: 'tool_call', ...one });
  const decision = await host.toolBefore(one);
  const result = {
    type: 'tool_result' as const,
    callId: one.callId,
    tool: 'bash',
    title: null,
    durationMs: 1,
    metadata: {},
  };
  if (decision.decision === 'deny') await host.emit({ ...result, status: 'denied', output: decision.reason });
  else if (output !== null) await host.emit({ ...result, status: 'completed', output });
  return decision;
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (SignalboxError.is(error) ? error.code : String(error)),
  );

/** A session whose first attempt broke off in the middle of a call, behind a checkpoint that was taken on its way. */
async function brokenOff() {
  const { core, projectId } = runs;
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  runtime.plays(async (host) => {
    await host.emit(opened);
    await host.emit(said('msg_1'));
    await make(host, call('c1', 'npm test'), 'all 41 pass');
    reached.resolve();
    await goOn.promise;
    await host.emit(said('msg_2'));
    await make(host, call('c2', 'git push'), null);
    return 'failed';
  });
  const { id } = await runs.script('', { runtime: 'opencode', command: null });
  await reached.promise;
  const taken = await core.sessions.addCheckpoint(projectId, id, { data: { step: 1 } });
  expect(taken.runtimeSession).toEqual({ runtimeSessionId: 'ses_1', messageId: 'msg_1' });
  // The files as they are now, in the workspace's own chain.
  expect(taken.capture).toEqual({
    workspaceId: runs.workspaceId,
    treeId: expect.stringMatching(/^[0-9a-f]{40}$/),
    position: expect.any(Number),
  });
  const { capture } = await core.sessionFiles.at(projectId, id, null);
  expect(capture.treeId).toBe(taken.capture?.treeId);
  goOn.resolve();
  await runs.reaches(id, 'failed');
  return { id, sequence: taken.sequence };
}

test('a resumed run begins behind the message of its checkpoint, makes no call again that has a result, and asks about one that has none', async () => {
  const { core, projectId } = runs;
  const { id, sequence } = await brokenOff();
  const resume = (how: Parameters<typeof core.sessions.resumeCheckpoint>[3]) =>
    core.sessions.resumeCheckpoint(projectId, id, sequence, { undo: false, ...how }, 'me');
  expect(await codeOf(resume({}))).toBe('CHECKPOINT_CALLS_UNKNOWN');
  await expect(resume({})).rejects.toThrow(/bash \(c2, event \d+\)/);
  expect((await runs.session(id)).attempt).toBe(1);

  const decisions: ToolDecision[] = [];
  runtime.plays(async (host) => {
    decisions.push(await make(host, call('c1', 'npm test'), 'made twice'));
    decisions.push(await make(host, call('c3', 'git push'), 'made twice'));
    decisions.push(await make(host, call('c4', 'git push'), 'asked for knowingly'));
    // Some models count their calls anew: what is another one is made.
    decisions.push(await make(host, call('c1', 'npm run build'), 'built'));
    return 'completed';
  });
  const resumed = await resume({ unknownCalls: 'skip' });
  expect(resumed).toMatchObject({ undoId: null, session: { attempt: 2 } });
  await runs.reaches(id, 'completed');
  expect(runtime.specs.at(-1)).toMatchObject({
    attempt: 2,
    resumeFrom: { runtimeSessionId: 'ses_1', messageId: 'msg_1' },
    environment: { SIGNALBOX_CHECKPOINT: String(sequence) },
  });
  expect(decisions.map(({ decision }) => decision)).toEqual(['deny', 'deny', 'allow', 'allow']);
  expect(decisions[0]).toMatchObject({ reason: expect.stringContaining('all 41 pass') });
  expect(decisions[1]).toMatchObject({ reason: expect.stringContaining('nobody knows') });
});

test('with `retry` the call is made again', async () => {
  const { core, projectId } = runs;
  const { id, sequence } = await brokenOff();
  const decisions: ToolDecision[] = [];
  runtime.plays(async (host) => {
    decisions.push(await make(host, call('c3', 'git push'), 'pushed'));
    return 'completed';
  });
  await core.sessions.resumeCheckpoint(projectId, id, sequence, { undo: false, unknownCalls: 'retry' }, 'me');
  await runs.reaches(id, 'completed');
  expect(decisions).toEqual([{ decision: 'allow' }]);
});

test('the session’s own later changes are taken back before it goes on, and what a person changed stays', async () => {
  const { core, projectId, work } = runs;
  const write = async (host: RunHost, callId: string, file: string, text: string) => {
    const one = { callId, tool: 'write', arguments: { filePath: file } };
    await host.emit({ type: 'tool_call', ...one });
    await host.toolBefore(one);
    await writeFile(join(work, file), text);
    const result = { status: 'completed' as const, output: 'ok', title: null, metadata: {} };
    await host.toolAfter(one, result);
    await host.emit({ type: 'tool_result', callId, tool: 'write', durationMs: 1, ...result });
  };
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  runtime.plays(async (host) => {
    await host.emit(opened);
    await host.emit(said('msg_1'));
    await write(host, 'w1', 'kept.txt', 'before the checkpoint');
    reached.resolve();
    await goOn.promise;
    await write(host, 'w2', 'kept.txt', 'after the checkpoint');
    await write(host, 'w3', 'later.txt', 'after the checkpoint');
    return 'failed';
  });
  const { id } = await runs.script('', { runtime: 'opencode', command: null });
  await reached.promise;
  const { sequence } = await core.sessions.addCheckpoint(projectId, id, { data: {} });
  goOn.resolve();
  await runs.reaches(id, 'failed');
  await writeFile(join(work, 'of-a-person.txt'), 'stays');
  runtime.plays(() => Promise.resolve('completed'));
  const { undoId } = await core.sessions.resumeCheckpoint(projectId, id, sequence, {}, 'me');
  expect(undoId).not.toBeNull();
  await runs.reaches(id, 'completed');
  expect(await readFile(join(work, 'kept.txt'), 'utf8')).toBe('before the checkpoint');
  await expect(readFile(join(work, 'later.txt'), 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readFile(join(work, 'of-a-person.txt'), 'utf8')).toBe('stays');
});

test('it is refused where the runtime’s own session is gone, where nothing can be retried, and where there is no such checkpoint', async () => {
  const { core, projectId } = runs;
  runtime.plays(() => Promise.resolve('failed'));
  const { id } = await runs.script('', { runtime: 'opencode', command: null });
  await runs.reaches(id, 'failed');
  // Taken before the runtime had named a session of its own: the run said nothing.
  const early = await core.sessions.addCheckpoint(projectId, id, { data: {} });
  const resume = (sequence: number) => core.sessions.resumeCheckpoint(projectId, id, sequence, { undo: false }, 'me');
  expect(await codeOf(resume(early.sequence))).toBe('RUNTIME_SESSION_GONE');
  expect(await codeOf(resume(99))).toBe('CHECKPOINT_NOT_FOUND');
  runtime.plays(() => Promise.resolve('completed'));
  await core.sessions.retry(projectId, id, {}, 'me');
  await runs.reaches(id, 'completed');
  expect(await codeOf(resume(1))).toBe('SESSION_NOT_RECOVERABLE');
});
