import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunSpec, type Runtime, runtimeEventSchema, SignalboxError } from '@signalbox/core';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processesOf } from '../processes/processes-of.ts';
import { type LoopbackModel, startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';
import { RecordingHost } from './recording-host.ts';

const program = await opencodeOrSkip(13);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;

let root = '';
/** One for all tests: each new one asks the program for its version, which takes seconds. */
let runtime: Runtime;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
  runtime = createOpencodeRuntime({ stateDir: join(root, 'state'), ...(program ? { program } : {}) });
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function newWorkspace(): Promise<string> {
  const path = join(root, randomUUID());
  await mkdir(path);
  return path;
}

function specFor(model: LoopbackModel, workspacePath: string, more: Partial<RunSpec> = {}): RunSpec {
  return {
    projectId: 'project',
    sessionId: randomUUID(),
    attempt: 1,
    workspacePath,
    prompt: 'Do the work.',
    command: null,
    model: model.name,
    agentConfig: { opencode: model.opencodeConfig() },
    environment: {},
    limits: { cpuCores: null, memoryMb: null },
    resumeFrom: null,
    ...more,
  };
}

describe.skipIf(!program)('the opencode runtime with the real program', { timeout: LIMIT_MS }, () => {
  test('finds the program and its version', async () => {
    const found = {
      available: true,
      version: expect.stringMatching(/^1\.\d+\.\d+/),
      detail: expect.stringContaining('opencode'),
    };
    expect(await runtime.check()).toEqual(found);
  });

  test('writes and edits files and runs a shell command, each recorded once with arguments and result', async () => {
    const workspace = await newWorkspace();
    const file = join(workspace, 'greeting.txt');
    await using model = await startLoopbackModel([
      {
        reasoning: 'A file is wanted.',
        text: ['I write ', 'the file.'],
        toolCalls: [{ name: 'write', arguments: { filePath: file, content: 'hello\n' } }],
        usage: { inputTokens: 1_000, outputTokens: 100, reasoningTokens: 20, cachedTokens: 300 },
      },
      { toolCalls: [{ name: 'edit', arguments: { filePath: file, oldString: 'hello', newString: 'goodbye' } }] },
      { toolCalls: [{ name: 'bash', arguments: { command: 'cat greeting.txt; env', description: 'Looks' } }] },
      { text: 'It is done.', usage: { inputTokens: 2_000, outputTokens: 10 } },
    ]);
    let heldBack: boolean | null = null;
    const host = new RecordingHost({
      toolBefore: async (call) => {
        if (call.tool === 'write') {
          await sleep(2_000);
          heldBack = !existsSync(file);
        }
        return { decision: 'allow' };
      },
    });
    const spec = specFor(model, workspace);
    const run = await runtime.start(spec, host);
    const outcome = await run.done;

    expect(outcome).toMatchObject({ status: 'completed', error: null });
    expect(processesOf(spec.sessionId)).toEqual([]);
    expect(await readFile(file, 'utf8')).toBe('goodbye\n');
    expect(heldBack).toBe(true);
    for (const event of host.events) expect(runtimeEventSchema.parse(event)).toEqual(event);

    expect(host.order).toEqual(
      ['write', 'edit', 'bash'].flatMap((tool) => [
        `tool_call ${tool}`,
        `before ${tool}`,
        `after ${tool}`,
        `tool_result ${tool}`,
      ]),
    );
    expect(host.of('tool_call').map((call) => call.arguments)).toEqual([
      { filePath: file, content: 'hello\n' },
      { filePath: file, oldString: 'hello', newString: 'goodbye' },
      { command: 'cat greeting.txt; env', description: 'Looks' },
    ]);
    const [written, edited, shell] = host.of('tool_result');
    expect(written).toMatchObject({
      tool: 'write',
      status: 'completed',
      output: expect.stringContaining('Wrote file'),
    });
    expect(edited?.metadata.diff).toContain('+goodbye');
    expect(shell).toMatchObject({ tool: 'bash', status: 'completed', output: expect.stringMatching(/^goodbye\n/) });
    expect(shell?.durationMs).toBeGreaterThan(0);
    expect(host.results.map(({ result }) => result.status)).toEqual(['completed', 'completed', 'completed']);

    // The agent's shell has the user's home again, and nothing that would let it speak to OpenCode in our name.
    expect(shell?.output).toContain(`\nHOME=${homedir()}\n`);
    expect(shell?.output).not.toContain('127.0.0.1');
    expect(shell?.output).not.toMatch(/OPENCODE_SERVER_PASSWORD=.+/);

    expect(host.said('user')).toEqual(['Do the work.']);
    expect(host.said('reasoning')).toEqual(['A file is wanted.']);
    expect(host.said('assistant')).toEqual(['I write the file.', 'It is done.']);
    const pieces = host.of('message').filter((message) => !message.final && message.role === 'assistant');
    expect(pieces.map((piece) => piece.text)).toEqual(['I write ', 'the file.', 'It is done.']);
    const kinds = host.events.map((event) => (event.type === 'message' ? `${event.role} ${event.final}` : event.type));
    expect(kinds.indexOf('assistant true')).toBeLessThan(kinds.indexOf('tool_call'));

    expect(host.of('usage').map(({ costUsd, ...usage }) => usage)).toEqual([
      {
        type: 'usage',
        model: model.name,
        inputTokens: 700,
        outputTokens: 80,
        reasoningTokens: 20,
        cacheReadTokens: 300,
        cacheWriteTokens: 0,
      },
      {
        type: 'usage',
        model: model.name,
        inputTokens: 10,
        outputTokens: 5,
        reasoningTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
      },
      {
        type: 'usage',
        model: model.name,
        inputTokens: 10,
        outputTokens: 5,
        reasoningTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
      },
      {
        type: 'usage',
        model: model.name,
        inputTokens: 2_000,
        outputTokens: 10,
        reasoningTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
      },
    ]);
    // 700 × 3 + 300 × 0.3 + 100 × 15 dollars per million
    expect(host.of('usage')[0]?.costUsd).toBeCloseTo(0.00369, 9);
    expect(outcome.result).toMatchObject({
      text: 'It is done.',
      ...run.runtimeSession(),
      tokens: { inputTokens: 2_720, outputTokens: 100, reasoningTokens: 20, cacheReadTokens: 300, cacheWriteTokens: 0 },
    });
    expect(model.requests).toHaveLength(4);
    // OpenCode would install its plugin package from the network otherwise.
    expect(await readdir(join(root, 'state', 'project', 'config', 'opencode', 'node_modules'))).toEqual([]);
    expect(await readdir(workspace)).toEqual(['greeting.txt']);
  });

  test('denied permissions, refused calls and errors of the model that pass reach the agent, spare what is beside them, and the work goes on', async () => {
    const workspace = await newWorkspace();
    const [outside, inside] = [join(root, 'outside.txt'), join(workspace, 'inside.txt')];
    const forbidden = join(workspace, 'forbidden.txt');
    await writeFile(outside, 'not for the agent');
    await using model = await startLoopbackModel([
      { error: { status: 503, message: 'Busy just now.' } },
      {
        toolCalls: [
          { name: 'read', arguments: { filePath: outside } },
          { name: 'write', arguments: { filePath: inside, content: 'mine' } },
        ],
      },
      { toolCalls: [{ name: 'write', arguments: { filePath: forbidden, content: 'x' } }] },
      { text: 'I went on.' },
    ]);
    const reason = 'The file forbidden.txt is locked by session 42.';
    const host = new RecordingHost({
      toolBefore: async ({ arguments: given }) =>
        given.filePath === forbidden ? { decision: 'deny', reason } : { decision: 'allow' },
      permission: async ({ kind }) => {
        // The allowed one is decided last: the refusal of the other must not take it along.
        if (kind === 'edit') await sleep(500);
        return kind === 'external_directory' ? 'deny' : 'allow';
      },
    });
    const run = await runtime.start(specFor(model, workspace), host);
    expect(await run.done).toMatchObject({ status: 'completed', result: { text: 'I went on.' } });

    const retries = host.of('status').filter(({ phase }) => phase === 'retry');
    expect(retries).toMatchObject([{ detail: { attempt: 1, message: expect.any(String) } }]);

    expect(await readFile(inside, 'utf8')).toBe('mine');
    const [read, write, refused] = host.of('tool_call');
    expect(host.permissions.map(({ kind, callId }) => [kind, callId]).sort()).toEqual([
      ['edit', write?.callId],
      ['external_directory', read?.callId],
    ]);
    expect(
      host
        .of('permission')
        .map(({ kind, decision }) => [kind, decision])
        .sort(),
    ).toEqual([
      ['edit', 'allow'],
      ['external_directory', 'deny'],
    ]);
    const results = Object.fromEntries(host.of('tool_result').map((result) => [result.callId, result]));
    expect(Object.keys(results)).toHaveLength(3);
    const denied = results[read?.callId ?? ''];
    expect(denied).toMatchObject({ tool: 'read', status: 'denied' });
    expect(denied?.output).not.toContain('not for the agent');
    expect(results[write?.callId ?? '']).toMatchObject({ tool: 'write', status: 'completed' });
    expect(host.order.filter((entry) => entry.endsWith(' read'))).toEqual([
      'tool_call read',
      'before read',
      'after read',
      'tool_result read',
    ]);
    const answer = model.turns()[2]?.messages.find((message) => message.tool_call_id === read?.callId);
    expect(answer?.content).toContain('This was not permitted');

    expect(existsSync(forbidden)).toBe(false);
    expect(results[refused?.callId ?? '']).toMatchObject({ tool: 'write', status: 'denied', output: reason });
    expect(host.results.map(({ call }) => call.callId).sort()).toEqual([read?.callId, write?.callId].sort());
    expect(model.turns()[3]?.messages.at(-1)).toMatchObject({ role: 'tool', content: reason });
  });

  test('a tool call is refused when the host cannot decide, and the run fails', async () => {
    const workspace = await newWorkspace();
    const file = join(workspace, 'undecided.txt');
    await using model = await startLoopbackModel([
      { toolCalls: [{ name: 'write', arguments: { filePath: file, content: 'x' } }] },
      { text: 'Never said.' },
    ]);
    const host = new RecordingHost({
      toolBefore: async () => {
        throw new SignalboxError('CLAIM_LOST', { id: 'task' });
      },
    });
    const spec = specFor(model, workspace);
    const run = await runtime.start(spec, host);
    expect(await run.done).toMatchObject({ status: 'failed', error: { name: 'CLAIM_LOST', retryable: false } });
    expect(existsSync(file)).toBe(false);
    expect(processesOf(spec.sessionId)).toEqual([]);
  });

  test('a run whose events are not taken any more is ended', async () => {
    await using model = await startLoopbackModel([{ text: ['One', 'Two'], hang: true }]);
    const host = new RecordingHost({
      emit: async (event) => {
        if (event.type === 'message' && event.text === 'One') throw new SignalboxError('CLAIM_LOST', { id: 'task' });
      },
    });
    const spec = specFor(model, await newWorkspace());
    const run = await runtime.start(spec, host);
    expect(await run.done).toMatchObject({ status: 'failed', error: { name: 'CLAIM_LOST', retryable: false } });
    expect(host.said('assistant')).toEqual([]);
    expect(processesOf(spec.sessionId)).toEqual([]);
  });

  test('stopped in the middle of an answer, it ends with what was said so far and nothing left', async () => {
    await using model = await startLoopbackModel([{ text: ['Once upon ', 'a time'], hang: true }]);
    const host = new RecordingHost();
    const spec = specFor(model, await newWorkspace());
    const run = await runtime.start(spec, host);
    await host.seen((event) => event.type === 'message' && event.text === 'a time');
    expect(processesOf(spec.sessionId)).not.toEqual([]);
    await run.stop(20_000);
    expect(processesOf(spec.sessionId)).toEqual([]);
    expect(await run.done).toMatchObject({ status: 'stopped', error: null });
    expect(host.said('assistant')).toEqual(['Once upon a time']);
  });

  test('stopped while a tool call is held, the call never runs and has its one result', async () => {
    const workspace = await newWorkspace();
    const file = join(workspace, 'held.txt');
    await using model = await startLoopbackModel([
      { toolCalls: [{ name: 'write', arguments: { filePath: file, content: 'x' } }] },
    ]);
    const held = Promise.withResolvers<void>();
    const host = new RecordingHost({
      toolBefore: () => {
        held.resolve();
        return new Promise(() => undefined);
      },
    });
    const spec = specFor(model, workspace);
    const run = await runtime.start(spec, host);
    await held.promise;
    await run.stop(20_000);
    expect(await run.done).toMatchObject({ status: 'stopped' });
    expect(existsSync(file)).toBe(false);
    expect(host.of('tool_result')).toMatchObject([{ tool: 'write', status: 'denied' }]);
    expect(processesOf(spec.sessionId)).toEqual([]);
  });

  test('paused, its shell stands still; resumed, it goes on; stopped while paused, nothing is left', async () => {
    const workspace = await newWorkspace();
    const ticks = join(workspace, 'ticks');
    const ticked = async () => (existsSync(ticks) ? (await readFile(ticks)).length : 0);
    const grownBeyond = async (size: number) => {
      while ((await ticked()) <= size) await sleep(50);
    };
    await using model = await startLoopbackModel([
      {
        toolCalls: [
          {
            name: 'bash',
            arguments: { command: 'while :; do printf . >> ticks; sleep 0.05; done', description: 'Ticks' },
          },
        ],
      },
    ]);
    const host = new RecordingHost();
    const spec = specFor(model, workspace);
    const run = await runtime.start(spec, host);
    await grownBeyond(0);
    await run.pause();
    const before = await ticked();
    await sleep(1_500);
    expect(await ticked()).toBe(before);
    await run.resume();
    await grownBeyond(before);
    expect((await run.usage()).cpuSeconds).toBeGreaterThan(0);
    await run.pause();
    await run.stop(5_000);
    expect(processesOf(spec.sessionId)).toEqual([]);
    expect(await run.done).toMatchObject({ status: 'stopped' });
    const after = await ticked();
    await sleep(500);
    expect(await ticked()).toBe(after);
    expect(host.of('tool_result')).toMatchObject([{ tool: 'bash', status: 'unknown' }]);
    expect(host.order.filter((entry) => entry.startsWith('after'))).toEqual(['after bash']);
  });

  test('a later run continues the session with its history, forks it behind a message, and in another workspace', async () => {
    const workspace = await newWorkspace();
    const elsewhere = await newWorkspace();
    await using model = await startLoopbackModel([
      { text: 'First answer.' },
      { text: 'Second answer.' },
      { text: 'Third answer.' },
      { toolCalls: [{ name: 'bash', arguments: { command: 'pwd > here.txt', description: 'Says where' } }] },
      { text: 'Fourth answer.' },
    ]);
    const talk = async (prompt: string, resumeFrom: RunSpec['resumeFrom'], more: Partial<RunSpec> = {}) => {
      const host = new RecordingHost();
      const run = await runtime.start(specFor(model, workspace, { prompt, resumeFrom, ...more }), host);
      const outcome = await run.done;
      expect(outcome).toMatchObject({ status: 'completed' });
      const reference = run.runtimeSession();
      if (!reference) throw new Error('The run has no session of its runtime.');
      return { host, reference, outcome };
    };
    const heard = (turn: number) =>
      (model.turns()[turn]?.messages ?? []).filter(({ role }) => role !== 'system').map(({ content }) => content);

    const first = await talk('First question.', null);
    const second = await talk('Second question.', { ...first.reference, messageId: null });
    expect(second.reference.runtimeSessionId).toBe(first.reference.runtimeSessionId);
    expect(heard(1)).toEqual(['First question.', 'First answer.', 'Second question.']);
    expect(second.host.said('user')).toEqual(['Second question.']);
    expect(second.host.said('assistant')).toEqual(['Second answer.']);
    expect(second.host.of('usage')).toHaveLength(1);

    const fork = await talk('Another question.', first.reference);
    expect(fork.reference.runtimeSessionId).not.toBe(first.reference.runtimeSessionId);
    expect(heard(2)).toEqual(['First question.', 'First answer.', 'Another question.']);
    expect(fork.host.said('assistant')).toEqual(['Third answer.']);

    const resumeFrom = { ...first.reference, messageId: null };
    const moved = await talk('Where are you?', resumeFrom, { workspacePath: elsewhere });
    expect(moved.outcome).toMatchObject({ result: { text: 'Fourth answer.' } });
    expect(moved.reference.runtimeSessionId).not.toBe(first.reference.runtimeSessionId);
    expect(await readFile(join(elsewhere, 'here.txt'), 'utf8')).toBe(`${elsewhere}\n`);
    expect(model.turns()[3]?.messages.map(({ role }) => role)).toEqual([
      'system',
      ...['user', 'assistant', 'user', 'assistant'],
      'user',
    ]);

    const unknown = { ...first.reference, messageId: 'msg_unknown' };
    const refused = runtime.start(specFor(model, workspace, { resumeFrom: unknown }), new RecordingHost());
    await expect(refused).rejects.toThrow(/has no message msg_unknown/);
  });

  test('a run that was killed inside a tool call can be continued, by another agent that agentConfig names', async () => {
    const workspace = await newWorkspace();
    await using model = await startLoopbackModel([
      {
        text: 'I wait.',
        toolCalls: [{ name: 'bash', arguments: { command: 'touch started; sleep 600', description: 'Waits' } }],
      },
      { text: 'I am back.' },
    ]);
    const host = new RecordingHost();
    const spec = specFor(model, workspace);
    const run = await runtime.start(spec, host);
    while (!existsSync(join(workspace, 'started'))) await sleep(50);
    for (const pid of processesOf(spec.sessionId)) process.kill(pid, 'SIGKILL');
    expect(await run.done).toMatchObject({ status: 'failed', error: { name: 'OPENCODE_ENDED', retryable: true } });
    const reference = run.runtimeSession();
    if (!reference) throw new Error('The run has no session of its runtime.');

    const again = new RecordingHost();
    const resumeFrom = { ...reference, messageId: null };
    // What `default_agent` says is not for this runtime.
    const opencode = { ...model.opencodeConfig(), default_agent: 'nobody' };
    const agentConfig = { agent: 'plan', default_agent: 'nobody', opencode };
    const resumed = await runtime.start(
      specFor(model, workspace, { prompt: 'Go on.', resumeFrom, agentConfig }),
      again,
    );
    expect(await resumed.done).toMatchObject({ status: 'completed', result: { text: 'I am back.' } });
    expect(model.turns()[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'user']);
    expect(again.of('tool_result')).toEqual([]);
    expect(again.of('status').find(({ phase }) => phase === 'opened')?.detail).toMatchObject({ agent: 'plan' });
  });

  test('an error of the model ends the run with its name and message', async () => {
    await using model = await startLoopbackModel([{ error: { status: 401, message: 'The key is not valid.' } }]);
    const host = new RecordingHost();
    const run = await runtime.start(specFor(model, await newWorkspace()), host);
    const outcome = await run.done;
    expect(outcome).toMatchObject({ status: 'failed', error: { name: 'APIError', retryable: false } });
    expect(outcome.error?.message).toContain('The key is not valid.');
    expect(host.of('error')).toHaveLength(1);
  });

  test('a model that nobody provides ends the run with an error', async () => {
    await using model = await startLoopbackModel([]);
    const host = new RecordingHost();
    const run = await runtime.start(specFor(model, await newWorkspace(), { model: 'nobody/nothing' }), host);
    expect(await run.done).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('nothing') } });
    expect(model.requests).toEqual([]);
  });

  test('an agent that OpenCode does not know is refused by name', async () => {
    await using model = await startLoopbackModel([]);
    const agentConfig = { agent: 'nobody', opencode: model.opencodeConfig() };
    const refused = specFor(model, await newWorkspace(), { agentConfig });
    await expect(runtime.start(refused, new RecordingHost())).rejects.toThrow(/no agent "nobody"; known: .*plan/);
    expect(processesOf(refused.sessionId)).toEqual([]);
  });
});

describe('the opencode runtime without the program', () => {
  test('says what is missing and how to get it', async () => {
    const absent = createOpencodeRuntime({ stateDir: join(root, 'state'), program: 'no-such-opencode' });
    expect(await absent.check()).toEqual({
      available: false,
      reason: 'the program "no-such-opencode" is not on the PATH',
      advice: expect.stringContaining('npm install -g opencode-ai'),
    });
    await using model = await startLoopbackModel([]);
    const started = absent.start(specFor(model, await newWorkspace()), new RecordingHost());
    await expect(started).rejects.toSatisfy((error) => SignalboxError.is(error, 'RUNTIME_UNAVAILABLE'));
    await expect(started).rejects.toThrow(/npm install -g opencode-ai/);
  });

  test('refuses a program that is not OpenCode', async () => {
    const impostor = join(root, 'impostor');
    await writeFile(impostor, '#!/bin/sh\necho 0.1.0\n', { mode: 0o755 });
    const found = await createOpencodeRuntime({ stateDir: root, program: impostor }).check();
    expect(found).toMatchObject({ available: false, reason: expect.stringContaining('1.18.0 is needed') });
  });
});
