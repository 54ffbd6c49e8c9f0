import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunSpec } from '@signalbox/core';
import { createClaudeCodeRuntime } from '@signalbox/runtimes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RecordingHost } from '../opencode/recording-host.ts';
import { claudeCodeOrSkip } from './claude-code-program.ts';
import { type ModelRequest, type ModelTurn, startLoopbackMessages, toolResults } from './loopback-messages.ts';

const program = await claudeCodeOrSkip(5);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;

describe.skipIf(!program)('the claude-code runtime with the real program', { timeout: LIMIT_MS }, () => {
  let root: string;
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-claude-')));
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  /** A run against a model that does as it is told. */
  async function start(script: (request: ModelRequest) => ModelTurn, host: RecordingHost, more: Partial<RunSpec> = {}) {
    const workspacePath = join(root, randomUUID());
    await mkdir(workspacePath);
    const model = await startLoopbackMessages(script);
    const runtime = createClaudeCodeRuntime({
      stateDir: join(root, 'state'),
      program: program ?? '',
      environment: {
        PATH: process.env.PATH,
        HOME: join(root, 'home'),
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'dummy',
      },
    });
    const spec: RunSpec = {
      projectId: 'project',
      sessionId: randomUUID(),
      attempt: 1,
      workspacePath,
      prompt: 'Do the work.',
      command: null,
      model: null,
      agentConfig: {},
      environment: {},
      limits: { cpuCores: null, memoryMb: null },
      resumeFrom: null,
      ...more,
    };
    const run = await runtime.start(spec, host);
    return { run, model, spec, runtime, workspacePath: spec.workspacePath };
  }

  test('writes a file and runs commands, each recorded once; a call is edited, one refused; tokens and cost are told', async () => {
    const host = new RecordingHost({
      toolBefore: async ({ callId, arguments: given }) => {
        if (callId === 'toolu_2') return { decision: 'allow', arguments: { ...given, command: 'echo edited > b.txt' } };
        if (callId === 'toolu_3') return { decision: 'deny', reason: 'Refused by the house.' };
        return { decision: 'allow' };
      },
    });
    let path = '';
    const { run, model, workspacePath } = await start(
      (request) => {
        const done = toolResults(request);
        if (!done.has('toolu_1'))
          return {
            text: 'First a file.',
            calls: [{ id: 'toolu_1', name: 'Write', input: { file_path: path, content: 'hi\n' } }],
          };
        if (!done.has('toolu_2'))
          return {
            calls: [{ id: 'toolu_2', name: 'Bash', input: { command: 'echo given > b.txt', description: 'x' } }],
          };
        if (!done.has('toolu_3'))
          return { calls: [{ id: 'toolu_3', name: 'Bash', input: { command: 'echo no > c.txt', description: 'x' } }] };
        return { text: 'It is done.' };
      },
      host,
      ((made) => {
        path = join(made, 'a.txt');
        return { workspacePath: made };
      })(await mkdtemp(join(root, 'work-'))),
    );
    const outcome = await run.done;
    await model.close();
    expect(outcome).toMatchObject({ status: 'completed', exitCode: 0, result: { message: 'It is done.' } });
    expect((await readdir(workspacePath)).sort()).toEqual(['a.txt', 'b.txt']);
    expect(await readFile(join(workspacePath, 'b.txt'), 'utf8')).toBe('edited\n');
    expect(host.order).toEqual([
      ...['tool_call Write', 'before Write', 'after Write', 'tool_result Write'],
      ...['tool_call Bash', 'before Bash', 'after Bash', 'tool_result Bash'],
      ...['tool_call Bash', 'before Bash', 'tool_result Bash'],
    ]);
    expect(host.of('tool_result').map(({ status }) => status)).toEqual(['completed', 'completed', 'denied']);
    expect(host.of('tool_result')[2]?.output).toContain('Refused by the house.');
    expect(host.said('assistant')).toEqual(['First a file.', 'It is done.']);
    const sum = (of: 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens') =>
      host.of('usage').reduce((total, usage) => total + usage[of], 0);
    expect([sum('inputTokens'), sum('outputTokens'), sum('cacheReadTokens'), sum('cacheWriteTokens')]).toEqual([
      400, 80, 28, 20,
    ]);
    expect(host.of('usage').at(-1)?.costUsd).toBeGreaterThan(0);
    // Nothing of the run's door is left.
    expect((await readdir(join(root, 'state', 'project'))).filter((name) => name.startsWith('run-'))).toEqual([]);
  });

  test('goes on from its session, which it knows by name', async () => {
    const first = await start(() => ({ text: 'The word is swordfish.' }), new RecordingHost());
    expect((await first.run.done).status).toBe('completed');
    await first.model.close();
    const ref = first.run.runtimeSession();
    expect(ref).toMatchObject({ runtimeSessionId: expect.any(String), messageId: expect.any(String) });
    const resumeFrom = { runtimeSessionId: ref?.runtimeSessionId ?? '', messageId: null };
    expect(await first.runtime.whySessionGone?.('project', resumeFrom)).toBeNull();
    expect(await first.runtime.whySessionGone?.('other', resumeFrom)).toContain('has no session');
    const again = await start(() => ({ text: 'I remember.' }), new RecordingHost(), {
      workspacePath: first.workspacePath,
      prompt: 'Go on.',
      attempt: 2,
      resumeFrom,
    });
    expect((await again.run.done).status).toBe('completed');
    await again.model.close();
    expect(JSON.stringify(again.model.requests[0]?.messages)).toContain('swordfish');
  });

  test('what lies outside of the workspace needs permission', async () => {
    const host = new RecordingHost({ permission: async () => 'deny' });
    const outside = join(root, 'outside.txt');
    const { run, model } = await start((request) => {
      if (toolResults(request).has('toolu_1')) return { text: 'Then not.' };
      return { calls: [{ id: 'toolu_1', name: 'Write', input: { file_path: outside, content: 'x' } }] };
    }, host);
    expect((await run.done).status).toBe('completed');
    await model.close();
    expect(host.permissions).toMatchObject([{ kind: 'edit', patterns: [outside] }]);
    expect(await readdir(root)).not.toContain('outside.txt');
  });

  test('a command in the background may write until the run is over', async () => {
    const host = new RecordingHost();
    const { run, model } = await start((request) => {
      if (toolResults(request).has('toolu_1')) return { text: 'It goes on.' };
      const input = { command: 'sleep 1', description: 'x', run_in_background: true };
      return { calls: [{ id: 'toolu_1', name: 'Bash', input }] };
    }, host);
    expect((await run.done).status).toBe('completed');
    await model.close();
    expect(host.order).toEqual(['tool_call Bash', 'before Bash', 'goes on Bash', 'tool_result Bash', 'after Bash']);
  });

  test('is stopped in the middle of a held call, and leaves nothing behind', async () => {
    const held = Promise.withResolvers<void>();
    const host = new RecordingHost({
      toolBefore: () => {
        held.resolve();
        return new Promise(() => undefined);
      },
    });
    const { run, model, spec } = await start(
      () => ({ calls: [{ id: 'toolu_1', name: 'Bash', input: { command: 'echo x > a.txt', description: 'x' } }] }),
      host,
    );
    await held.promise;
    await run.stop(2_000);
    expect(await run.done).toMatchObject({ status: 'stopped' });
    await model.close();
    expect(await readdir(spec.workspacePath)).toEqual([]);
  });
});
