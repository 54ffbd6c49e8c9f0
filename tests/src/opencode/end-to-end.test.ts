import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type JournalEvent, type Session } from '@signalbox/client';
import { type CreateSession, loadConfiguration } from '@signalbox/core';
import { pgliteBackend, postgresBackend } from '@signalbox/core/testing';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { createServer, type SignalboxServer } from '@signalbox/server';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { processesOf } from '../processes/processes-of.ts';
import { quickClock } from '../runs/quick-clock.ts';
import { openRuns } from '../runs/run-harness.ts';
import { type LoopbackModel, startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';

const program = await opencodeOrSkip(6);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;

interface World {
  client: ReturnType<typeof createClient>;
  work: string;
  workspaceId: string;
  start(model: LoopbackModel, more?: Record<string, unknown>): Promise<Session>;
  reaches(id: string, ...statuses: string[]): Promise<Session>;
  journal(id: string): Promise<JournalEvent[]>;
}

describe.skipIf(!program)('OpenCode, from the API to the journal', { timeout: LIMIT_MS }, () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** A server of its own on a real PostgreSQL, reached over HTTP by the client alone. */
  async function openWorld(): Promise<World> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-e2e-')));
    closing.push(() => rm(root, { recursive: true, force: true }));
    const work = join(root, 'work');
    await mkdir(work);
    const database = await postgresBackend.open();
    closing.push(() => database.close());
    const environment = {
      DATABASE_URL: database.connectionString ?? '',
      SIGNALBOX_DATA_DIR: join(root, 'data'),
      SIGNALBOX_PORT: '0',
      SIGNALBOX_RUNTIMES_OPENCODE_PROGRAM: program ?? '',
    };
    const server: SignalboxServer = createServer({
      configuration: loadConfiguration({ cwd: root, environment }),
      logger: pino({ level: 'silent' }),
    });
    const { address } = await server.start();
    closing.push(() => server.stop('stop'));
    await server.ready;
    const client = createClient({ baseUrl: address });
    const workspace = await client.workspaces.create({ path: work });
    return {
      client,
      work,
      workspaceId: workspace.id,
      start: (model, more = {}) =>
        client.sessions.create({
          title: 'Greet the world',
          initialPrompt: 'Write a greeting.',
          runtime: 'opencode',
          workspaceId: workspace.id,
          modelConfig: model.name,
          agentConfig: { opencode: model.opencodeConfig() },
          start: true,
          ...more,
        } as Parameters<typeof client.sessions.create>[0]),
      reaches: async (id, ...statuses) => {
        await expect
          .poll(async () => (await client.sessions.get(id)).status, { timeout: 120_000, interval: 100 })
          .toSatisfy((status) => statuses.includes(status as string));
        return client.sessions.get(id);
      },
      journal: async (id) => (await client.journal.read(id, { pageSize: 1000 })).items,
    };
  }

  const payloads = (events: readonly JournalEvent[], type: JournalEvent['type']) =>
    events.filter((event) => event.type === type).map((event) => event.payload as Record<string, unknown>);

  test('a prompt leads to files written, edited and a shell command, each in the journal with arguments, result and diff', async () => {
    const world = await openWorld();
    const file = join(world.work, 'greeting.txt');
    await using model = await startLoopbackModel([
      {
        text: ['I write ', 'the file.'],
        toolCalls: [{ name: 'write', arguments: { filePath: file, content: 'hello\n' } }],
        usage: { inputTokens: 1_000, outputTokens: 100, reasoningTokens: 20, cachedTokens: 300 },
      },
      { toolCalls: [{ name: 'edit', arguments: { filePath: file, oldString: 'hello', newString: 'goodbye' } }] },
      {
        toolCalls: [
          { name: 'bash', arguments: { command: 'cp greeting.txt copy.txt && cat copy.txt', description: 'Copies' } },
        ],
      },
      { text: 'It is done.', usage: { inputTokens: 2_000, outputTokens: 10 } },
    ]);
    const { id } = await world.start(model);
    expect((await world.reaches(id, 'completed', 'failed')).status).toBe('completed');

    const events = await world.journal(id);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    const calls = payloads(events, 'tool_call');
    expect(calls.map(({ tool, arguments: given }) => [tool, given])).toEqual([
      ['write', { filePath: file, content: 'hello\n' }],
      ['edit', { filePath: file, oldString: 'hello', newString: 'goodbye' }],
      ['bash', { command: 'cp greeting.txt copy.txt && cat copy.txt', description: 'Copies' }],
    ]);
    const results = payloads(events, 'tool_result');
    expect(results.map(({ callId, status }) => [callId, status])).toEqual(
      calls.map(({ callId }) => [callId, 'completed']),
    );
    expect(results[2]?.output).toContain('goodbye');

    const changes = payloads(events, 'file_change');
    expect(changes.map(({ path, operation, callId }) => [path, operation, callId])).toEqual([
      ['greeting.txt', 'added', calls[0]?.callId],
      ['greeting.txt', 'modified', calls[1]?.callId],
      ['copy.txt', 'added', calls[2]?.callId],
    ]);
    expect(changes[0]?.diff).toContain('+hello');
    expect(changes[1]?.diff).toContain('-hello\n+goodbye');

    const said = payloads(events, 'message').filter((message) => message.final === true);
    expect(said.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Write a greeting.'],
      ['assistant', 'I write the file.'],
      ['assistant', 'It is done.'],
    ]);
    const metrics = await world.client.sessions.metrics(id);
    expect(metrics).toMatchObject({ toolCallsCount: 3, checkpointCount: 1 });
    expect(Number(metrics.inputTokens)).toBeGreaterThanOrEqual(2_700);
    expect(Number(metrics.outputTokens)).toBeGreaterThanOrEqual(90);
    expect(Number(metrics.estimatedCostMicroUsd)).toBeGreaterThan(0);
    expect(await readFile(file, 'utf8')).toBe('goodbye\n');
    expect(processesOf(id)).toEqual([]);
  });

  test('what a shell left running writes is never another call’s, nor a person’s', async () => {
    const world = await openWorld();
    const signs = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-signs-')));
    closing.push(() => rm(signs, { recursive: true, force: true }));
    const give = (sign: string) => writeFile(join(signs, sign), '');
    const await_ = (path: string) => `until [ -e ${path} ]; do sleep 0.05; done`;
    const waits = [await_(`${signs}/1`), 'echo late > late.txt', await_(`${signs}/2`), 'echo later > later.txt'];
    const daemon = `(${[...waits, await_(`${signs}/3`)].join('; ')}) >/dev/null 2>&1 &`;
    const shell = (command: string, id: string, when?: Promise<unknown>) => ({
      toolCalls: [{ name: 'bash', id, arguments: { command, description: 'Works' } }],
      when,
    });
    const [written, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await using model = await startLoopbackModel([
      shell(daemon, 'leaves'),
      shell(`echo > ${signs}/begun; ${await_('later.txt')}; echo own > own.txt`, 'beside', written.promise),
      shell('echo alone > alone.txt', 'alone', over.promise),
      { text: 'Done.' },
    ]);
    const { id } = await world.start(model);
    const patience = { timeout: 120_000, interval: 50 };
    const phases = async () =>
      payloads(await world.journal(id), 'status').map(({ phase, detail }) => ({ phase, detail }));
    const changed = async () =>
      payloads(await world.journal(id), 'file_change').map(({ path, callId, attribution }) => [
        path,
        callId,
        attribution,
      ]);

    // The call is over, its model asked again; what its shell left goes on.
    await model.turnTaken(2);
    const processes = expect.any(Number);
    expect(await phases()).toContainEqual({ phase: 'background', detail: { callId: 'leaves', processes } });
    await give('1');
    await expect.poll(changed, patience).toEqual([['late.txt', 'leaves', 'window']]);
    written.resolve();
    // Its window is open only now: a call is recorded before what it finds is captured.
    await expect.poll(() => existsSync(join(signs, 'begun')), patience).toBe(true);
    await give('2');
    await model.turnTaken(3);
    // Two were at work: of the session for certain, of neither call.
    const both = [
      ['late.txt', 'leaves', 'window'],
      ['later.txt', null, 'window'],
      ['own.txt', null, 'window'],
    ];
    expect((await changed()).sort()).toEqual(both);
    await give('3');
    await expect.poll(phases, patience).toContainEqual({ phase: 'background_ended', detail: { callId: 'leaves' } });
    over.resolve();
    expect((await world.reaches(id, 'completed', 'failed')).status).toBe('completed');
    expect(await changed()).toContainEqual(['alone.txt', 'alone', 'window']);
  });

  test('what is outside of the workspace is denied, and the denial is in the journal', async () => {
    const world = await openWorld();
    const outside = join(world.work, '..', 'outside.txt');
    await using model = await startLoopbackModel([
      { toolCalls: [{ name: 'write', arguments: { filePath: outside, content: 'no' } }] },
      { text: 'I may not.' },
    ]);
    const { id } = await world.start(model);
    await world.reaches(id, 'completed', 'failed');
    const events = await world.journal(id);
    expect(payloads(events, 'permission')).toMatchObject([{ decision: 'deny' }]);
    expect(payloads(events, 'tool_result')).toMatchObject([
      { tool: 'write', status: expect.not.stringMatching('completed') },
    ]);
    await expect(readFile(outside)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('pause freezes the agent in the middle of a shell command, resume lets it finish', async () => {
    const world = await openWorld();
    const count = join(world.work, 'count.txt');
    const command = 'for i in $(seq 1 400); do echo $i > count.txt; [ -f enough ] && exit 0; sleep 0.05; done';
    await using model = await startLoopbackModel([
      { toolCalls: [{ name: 'bash', arguments: { command, description: 'Counts' } }] },
      { text: 'Counted.' },
    ]);
    const { id } = await world.start(model);
    await expect.poll(() => readFile(count, 'utf8').catch(() => ''), { timeout: 120_000 }).not.toBe('');
    await world.client.sessions.pause(id);
    const standsStill = async () => {
      const before = await readFile(count, 'utf8');
      await new Promise((resolve) => setTimeout(resolve, 400));
      return (await readFile(count, 'utf8')) === before;
    };
    await expect.poll(standsStill, { timeout: 30_000 }).toBe(true);
    const frozen = await readFile(count, 'utf8');
    expect((await world.client.sessions.get(id)).status).toBe('paused');
    await world.client.sessions.resume(id);
    await expect.poll(() => readFile(count, 'utf8'), { timeout: 30_000 }).not.toBe(frozen);
    await writeFile(join(world.work, 'enough'), '');
    expect((await world.reaches(id, 'completed', 'failed')).status).toBe('completed');
    expect(payloads(await world.journal(id), 'tool_result')).toMatchObject([{ tool: 'bash', status: 'completed' }]);
    expect(processesOf(id)).toEqual([]);
  });

  test('cancel in the middle of a tool call leaves no process; what had changed is recorded', async () => {
    const world = await openWorld();
    const command = 'echo mark > mark.txt; (setsid sleep 600 &); sleep 600';
    await using model = await startLoopbackModel([
      { toolCalls: [{ name: 'bash', arguments: { command, description: 'Hangs' } }] },
    ]);
    const { id } = await world.start(model);
    await expect
      .poll(() => readFile(join(world.work, 'mark.txt'), 'utf8').catch(() => ''), { timeout: 120_000 })
      .toBe('mark\n');
    expect(processesOf(id).length).toBeGreaterThan(1);
    expect((await world.client.sessions.cancel(id)).status).toBe('cancelled');
    await expect.poll(() => processesOf(id), { timeout: 30_000 }).toEqual([]);
    await expect
      .poll(async () => payloads(await world.journal(id), 'status').at(-1), { timeout: 30_000 })
      .toMatchObject({ phase: 'run_stopped' });
    expect(payloads(await world.journal(id), 'file_change').map(({ path }) => path)).toContain('mark.txt');
    expect((await world.client.sessions.get(id)).status).toBe('cancelled');
  });

  test('over its time limit it is timed out, and a retry continues the conversation', async () => {
    const runs = await openRuns(pgliteBackend, {
      clock: quickClock(6),
      runtimes: [
        createOpencodeRuntime({ stateDir: join(tmpdir(), `signalbox-state-${process.pid}`), program: program ?? '' }),
      ],
    });
    closing.push(() => runs.close());
    await using model = await startLoopbackModel([
      {
        text: 'I remember the number 42.',
        toolCalls: [{ name: 'bash', arguments: { command: 'sleep 600', description: 'Hangs' } }],
      },
      { text: 'Going on.' },
    ]);
    const { id } = await runs.script('', {
      runtime: 'opencode',
      command: null,
      initialPrompt: 'Remember a number.',
      modelConfig: model.name,
      agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
      limits: { maxDurationSeconds: 120 },
    });
    runs.runner.start();
    await expect.poll(async () => (await runs.session(id)).status, { timeout: 100_000, interval: 200 }).toBe('timeout');
    expect(processesOf(id)).toEqual([]);
    const again = await runs.core.sessions.retry(runs.projectId, id, {}, 'me');
    expect(again).toMatchObject({ status: 'queued', attempt: 2 });
    await expect
      .poll(async () => (await runs.session(id)).status, { timeout: 100_000, interval: 200 })
      .toBe('completed');
    const history = JSON.stringify(model.turns().at(-1)?.messages);
    expect(history).toContain('Remember a number.');
    expect(history).toContain('I remember the number 42.');
    expect(processesOf(id)).toEqual([]);
  });
});
