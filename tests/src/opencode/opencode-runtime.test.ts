import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunSpec, runtimeEventSchema, SignalboxError } from '@signalbox/core';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoopbackModel, startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';
import { RecordingHost } from './recording-host.ts';

const program = await opencodeOrSkip(12);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;

let root = '';
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

function runtime() {
  return createOpencodeRuntime({ stateDir: join(root, 'state'), ...(program ? { program } : {}) });
}

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

/** Processes that carry the session's run id, which every process of its runs does. */
function processesOf(spec: RunSpec): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readFileSync(`/proc/${entry}/environ`, 'latin1').includes(`SIGNALBOX_RUN_ID=${spec.sessionId}`);
    } catch {
      return false; // ended between the listing and the look
    }
  });
}

describe.skipIf(!program)('the opencode runtime with the real program', { timeout: LIMIT_MS }, () => {
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
    const run = await runtime().start(spec, host);
    const outcome = await run.done;

    expect(outcome).toMatchObject({ status: 'completed', error: null });
    expect(processesOf(spec)).toEqual([]);
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
