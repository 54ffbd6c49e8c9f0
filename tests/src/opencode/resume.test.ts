import { mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runtime, SignalboxError, systemClock, systemIds } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { createCommandRuntime, createOpencodeRuntime } from '@signalbox/runtimes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processesOf } from '../processes/processes-of.ts';
import { openRuns, type RunHarness } from '../runs/run-harness.ts';
import type { ModelTurn } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';
import { StagedSession } from './staged-session.ts';

const program = await opencodeOrSkip(1);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;
const PATIENCE = { timeout: 120_000, interval: 50 };

const numbered = (changes: Record<number, string> = {}) =>
  Array.from({ length: 12 }, (_, at) => `${changes[at] ?? `line ${String(at).padStart(2, '0')}`}\n`).join('');

describe.skipIf(!program)('an OpenCode session that goes on from a checkpoint', { timeout: LIMIT_MS }, () => {
  let runs: RunHarness;
  let stateDir: string;
  let opencode: Runtime;

  beforeEach(async () => {
    stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
    opencode = createOpencodeRuntime({ stateDir, program: program ?? '' });
    const command = createCommandRuntime({ clock: systemClock, ids: systemIds });
    runs = await openRuns(postgresBackend, { runtimes: [opencode, command] });
    runs.runner.start();
  });
  afterEach(async () => {
    await runs.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  const at = (path: string) => join(runs.work, path);
  const read = (path: string) => readFile(at(path), 'utf8');
  const calls = (name: string, given: Record<string, unknown>, id: string): ModelTurn => ({
    toolCalls: [{ name, arguments: given, id }],
  });
  const edits = (oldString: string, newString: string, id: string) =>
    calls('edit', { filePath: at('shared.txt'), oldString, newString }, id);
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : String(error)),
    );

  test('is forked there, its own later changes are taken back, no call is made twice, and one cut off is asked about', async () => {
    const { core, projectId } = runs;
    await writeFile(at('shared.txt'), numbered());
    const write = { filePath: at('first.txt'), content: 'first\n' };
    const cutOff = { command: 'echo once >> ran.txt; sleep 600', description: 'Works long' };
    await using a = await StagedSession.start(runs, [
      { text: 'I begin.', ...calls('write', write, 'c-write') },
      calls('read', { filePath: at('shared.txt') }, 'c-read'),
      edits('line 01', 'A early', 'c-early'),
      edits('line 11', 'A late', 'c-late'),
      calls('bash', cutOff, 'c-cut'),
      // What it says when it goes on.
      calls('write', write, 'c-write'),
      calls('bash', cutOff, 'c-again'),
      edits('line 11', 'A after all', 'c-late'),
      { text: 'Done.' },
    ]);
    for (let made = 0; made < 3; made += 1) await a.step();
    const { sequence, runtimeSession } = await core.sessions.addCheckpoint(projectId, a.id, { data: {} });
    const neighbour = await runs.script(`sed -i 's/^line 06$/B was here/' shared.txt; echo B > by-b.txt`);
    await runs.reaches(neighbour.id, 'completed');
    await a.step();
    a.answer();
    await expect.poll(() => readdir(runs.work), PATIENCE).toContain('ran.txt');
    for (const pid of processesOf(a.id)) process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await runs.session(a.id)).status, PATIENCE).toBe('failed');
    const cut = await read('shared.txt');
    expect(cut).toBe(numbered({ 1: 'A early', 6: 'B was here', 11: 'A late' }));

    const resume = (how: Parameters<typeof core.sessions.resumeCheckpoint>[3]) =>
      core.sessions.resumeCheckpoint(projectId, a.id, sequence, how, 'me');
    // Where OpenCode's own session is gone, nothing is done and the reason is said.
    const storage = join(stateDir, projectId, 'data', 'opencode');
    await rename(storage, `${storage}.away`);
    const refused = resume({ unknownCalls: 'skip' });
    await expect(refused).rejects.toMatchObject({ code: 'RUNTIME_SESSION_GONE', details: { runtime: 'opencode' } });
    await expect(refused).rejects.toThrow('OpenCode has no sessions in');
    await rename(`${storage}.away`, storage);
    const ref = {
      runtimeSessionId: runtimeSession?.runtimeSessionId ?? '',
      messageId: runtimeSession?.messageId ?? '',
    };
    expect(await opencode.whySessionGone?.(projectId, ref)).toBeNull();
    expect(await opencode.whySessionGone?.(projectId, { ...ref, messageId: 'msg_x' })).toContain('no message msg_x');
    expect(await opencode.whySessionGone?.(projectId, { ...ref, runtimeSessionId: 'ses_x' })).toContain('ses_x');

    const asked = resume({});
    await expect(asked).rejects.toMatchObject({
      code: 'CHECKPOINT_CALLS_UNKNOWN',
      details: { openCalls: [{ callId: 'c-cut', tool: 'bash', unknown: true }] },
    });
    expect([await read('shared.txt'), await read('ran.txt')]).toEqual([cut, 'once\n']);
    expect((await runs.session(a.id)).attempt).toBe(1);

    const { undoId } = await resume({ unknownCalls: 'skip' });
    expect(undoId).not.toBeNull();
    await a.model.turnTaken(6);
    expect(await read('shared.txt')).toBe(numbered({ 1: 'A early', 6: 'B was here' }));
    expect((await readdir(runs.work)).sort()).toEqual(['by-b.txt', 'first.txt', 'shared.txt']);
    const heard = a.model.turns()[5]?.messages ?? [];
    expect(heard.map(({ role }) => role)).toEqual([
      'system',
      'user',
      ...['assistant', 'tool', 'assistant', 'tool', 'assistant', 'tool'],
      'user',
    ]);
    expect(JSON.stringify(heard)).toContain('A early');
    expect(JSON.stringify(heard)).not.toContain('A late');
    expect(JSON.stringify(heard.at(-1))).toContain('set back to an earlier point');

    for (let made = 0; made < 3; made += 1) await a.step();
    a.answer();
    await expect.poll(async () => (await runs.session(a.id)).status, PATIENCE).toBe('completed');
    const results = (await runs.events(a.id))
      .filter(({ type, attempt }) => type === 'tool_result' && attempt === 2)
      .map(({ payload }) => payload as { callId: string; status: string; output: string });
    expect(results.map(({ callId, status }) => [callId, status])).toEqual([
      ['c-write', 'denied'],
      ['c-again', 'denied'],
      ['c-late', 'completed'],
    ]);
    expect(results[0]?.output).toContain('made already');
    expect(results[1]?.output).toContain('nobody knows');
    expect(await read('shared.txt')).toBe(numbered({ 1: 'A early', 6: 'B was here', 11: 'A after all' }));
    expect(await codeOf(read('ran.txt'))).toContain('ENOENT');
    expect(processesOf(a.id)).toEqual([]);
  });
});
