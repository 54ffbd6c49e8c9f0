import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateSession, JournalEvent, Session } from '@signalbox/core';
import { postgresBackend } from '@signalbox/core/testing';
import { createOpencodeRuntime } from '@signalbox/runtimes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServerProcess } from '../chaos/server-process.ts';
import { processesOf } from '../processes/processes-of.ts';
import { openRuns, type RunHarness } from '../runs/run-harness.ts';
import { type LoopbackModel, type ModelTurn, startLoopbackModel } from './loopback-model.ts';
import { opencodeOrSkip } from './opencode-program.ts';

const program = await opencodeOrSkip(6);
/** The program takes seconds to come up, and longer on a busy machine. */
const LIMIT_MS = 240_000;
const PATIENCE = { timeout: 120_000, interval: 50 };
/** Both are to be warned within a second; a busy machine gets ten times that. */
const WARNED_MS = 10_000;

describe.skipIf(!program)('two OpenCode sessions in one workspace', { timeout: LIMIT_MS }, () => {
  let runs: RunHarness;
  let stateDir: string;
  const models: LoopbackModel[] = [];

  beforeEach(async () => {
    stateDir = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-opencode-')));
    const runtimes = [createOpencodeRuntime({ stateDir, program: program ?? '' })];
    runs = await openRuns(postgresBackend, { runtimes });
    runs.runner.start();
  });
  afterEach(async () => {
    await runs.close();
    for (const model of models.splice(0)) await model.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  /** A session whose model says these turns. */
  async function start(title: string, turns: ModelTurn[], more: Partial<CreateSession> = {}): Promise<Session> {
    const model = await startLoopbackModel(turns);
    models.push(model);
    return runs.script('', {
      title,
      runtime: 'opencode',
      command: null,
      modelConfig: model.name,
      agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
      ...more,
    });
  }
  const writes = (path: string, content: string): ModelTurn => ({
    toolCalls: [{ name: 'write', arguments: { filePath: join(runs.work, path), content } }],
  });
  /** Keeps the session at work until the test says so. */
  const staysUntil = (flag: string): ModelTurn => ({
    toolCalls: [
      {
        name: 'bash',
        arguments: { command: `until [ -f ../${flag} ]; do sleep 0.05; done`, description: 'Waits', timeout: 200_000 },
      },
    ],
  });
  const letGo = (flag: string) => writeFile(join(runs.work, '..', flag), '');
  const content = (path: string) => readFile(join(runs.work, path), 'utf8').catch(() => null);
  /** No tool call is open while it does. */
  const thinks: ModelTurn = { text: ['Hm.'], hang: true };
  const done: ModelTurn = { text: 'Done.' };

  const payloads = (events: readonly JournalEvent[], type: JournalEvent['type']) =>
    events.filter((event) => event.type === type).map((event) => event.payload as Record<string, unknown>);
  const phases = async (id: string, phase: string) =>
    (await runs.events(id)).filter(
      ({ type, payload }) => type === 'status' && (payload as { phase?: string }).phase === phase,
    );
  const phase = async (id: string, name: string) => {
    await expect.poll(async () => (await phases(id, name)).length, PATIENCE).toBeGreaterThan(0);
    return (await phases(id, name)).map(({ payload }) => (payload as { detail: Record<string, unknown> }).detail);
  };
  const ends = async (id: string) => {
    const status = async () => (await runs.session(id)).status;
    await expect
      .poll(status, PATIENCE)
      .toSatisfy((now) => ['completed', 'failed', 'cancelled'].includes(now as string));
    return status();
  };

  test('the second waits for a file that the first has claimed, and writes it when the first has ended', async () => {
    const first = await start('Holds the file', [writes('shared.txt', 'first\n'), staysUntil('go'), done], {
      paths: ['shared.txt'],
    });
    await expect.poll(() => content('shared.txt'), PATIENCE).toBe('first\n');
    const second = await start('Wants the file', [writes('shared.txt', 'second\n'), done]);
    const [waiting] = await phase(second.id, 'paths_waiting');
    expect(waiting).toMatchObject({
      paths: ['shared.txt'],
      holders: [{ sessionId: first.id, sessionTitle: 'Holds the file', paths: ['shared.txt'] }],
    });
    expect(await content('shared.txt')).toBe('first\n');
    expect((await runs.session(second.id)).status).toBe('running');

    await letGo('go');
    expect(await ends(first.id)).toBe('completed');
    expect(await ends(second.id)).toBe('completed');
    expect(await content('shared.txt')).toBe('second\n');
    expect(await phases(second.id, 'paths_granted')).toHaveLength(1);
    expect(await phases(second.id, 'conflict')).toEqual([]);
    expect((await runs.core.pathClaims.list(runs.projectId)).total).toBe(0);
  });

  test('the second is refused as configured, told by whom, and goes on with other work', async () => {
    const first = await start('Holds the folder', [writes('src/a.ts', 'first\n'), staysUntil('go'), done], {
      paths: ['src/**'],
    });
    await expect.poll(() => content('src/a.ts'), PATIENCE).toBe('first\n');
    const second = await start(
      'Wants a file of it',
      [writes('src/a.ts', 'second\n'), writes('docs.md', 'elsewhere\n'), done],
      { pathPolicy: { conflict: 'refuse' } },
    );
    expect(await ends(second.id)).toBe('completed');
    expect(await content('src/a.ts')).toBe('first\n');
    expect(await content('docs.md')).toBe('elsewhere\n');
    const [refused] = payloads(await runs.events(second.id), 'tool_result');
    expect(refused).toMatchObject({ tool: 'write', status: 'denied' });
    expect(refused?.output).toContain('Holds the folder');
    expect(refused?.output).toContain(first.id);
    // The model itself is told, so that it can do something else.
    expect(JSON.stringify(models[1]?.turns()[1]?.messages)).toContain('Holds the folder');
    await letGo('go');
    expect(await ends(first.id)).toBe('completed');
  });

  test('without claims both are warned within a second, once', async () => {
    const first = await start('Writes first', [writes('notes.md', 'first\n'), staysUntil('go'), done]);
    await expect.poll(() => content('notes.md'), PATIENCE).toBe('first\n');
    const second = await start('Writes too', [
      writes('notes.md', 'second\n'),
      writes('notes.md', 'third\n'),
      staysUntil('go'),
      done,
    ]);
    const [warnedFirst] = await phase(first.id, 'conflict');
    const [warnedSecond] = await phase(second.id, 'conflict');
    expect(warnedFirst).toMatchObject({ kind: 'touch', path: 'notes.md', otherSessionId: second.id });
    expect(warnedSecond).toMatchObject({ kind: 'touch', path: 'notes.md', otherSessionId: first.id });

    const call = (await runs.events(second.id)).find(({ type }) => type === 'tool_call');
    const late = [...(await phases(first.id, 'conflict')), ...(await phases(second.id, 'conflict'))].map(
      ({ recordedAt }) => Date.parse(recordedAt) - Date.parse(call?.occurredAt ?? ''),
    );
    console.log(`both were warned ${late.join(' and ')} ms after the second asked to write`);
    expect(Math.max(...late)).toBeLessThan(WARNED_MS);

    await expect.poll(() => content('notes.md'), PATIENCE).toBe('third\n');
    await letGo('go');
    expect([await ends(first.id), await ends(second.id)]).toEqual(['completed', 'completed']);
    expect(await phases(first.id, 'conflict')).toHaveLength(1);
    expect(await phases(second.id, 'conflict')).toHaveLength(1);
    const { items } = await runs.core.conflicts.list(runs.projectId, {}, first.id);
    expect(items).toMatchObject([{ path: 'notes.md', kind: 'touch', bySession: second.id }]);
    expect(Date.parse(items[0]?.lastSeenAt ?? '')).toBeGreaterThan(Date.parse(items[0]?.firstSeenAt ?? ''));
  });

  test('what a shell does to a claimed file is found afterwards, and both are warned', async () => {
    const holder = await start('Has the file', [writes('mine.txt', '1\n'), thinks], {
      paths: ['kept.txt'],
    });
    await expect.poll(() => content('mine.txt'), PATIENCE).toBe('1\n');
    const second = await start('Uses a shell', [
      { toolCalls: [{ name: 'bash', arguments: { command: 'echo second > kept.txt', description: 'Writes' } }] },
      done,
    ]);
    expect(await ends(second.id)).toBe('completed');
    expect(await phase(second.id, 'conflict')).toMatchObject([
      { kind: 'claim', path: 'kept.txt', bySession: second.id },
    ]);
    expect(await phase(holder.id, 'conflict')).toMatchObject([{ kind: 'claim', otherSessionId: second.id }]);
    await runs.core.sessions.cancel(runs.projectId, holder.id, 'me');
    expect(await ends(holder.id)).toBe('cancelled');
  });

  test('with automatic claims the first write takes the file until the session ends, or is ended', async () => {
    const pathPolicy = { auto: true };
    const first = await start('Came first', [writes('auto.txt', 'first\n'), staysUntil('never'), done], { pathPolicy });
    await expect.poll(() => content('auto.txt'), PATIENCE).toBe('first\n');
    const { items } = await runs.core.pathClaims.list(runs.projectId);
    expect(items).toMatchObject([{ sessionId: first.id, origin: 'write', status: 'held', expiresAt: null }]);
    const second = await start('Came second', [writes('auto.txt', 'second\n'), done], { pathPolicy });
    await phase(second.id, 'paths_waiting');
    await runs.core.sessions.cancel(runs.projectId, first.id, 'me');
    expect(await ends(second.id)).toBe('completed');
    expect(await content('auto.txt')).toBe('second\n');
    await expect.poll(() => processesOf(first.id), PATIENCE).toEqual([]);
  });
});

describe.skipIf(!program)('two OpenCode sessions on two servers', { timeout: LIMIT_MS }, () => {
  test('a claim goes with its holder when its server is killed, and the waiter on the other one gets it', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-two-')));
    const work = join(root, 'work');
    await mkdir(work);
    const database = await postgresBackend.open();
    const settings = {
      DATABASE_URL: database.connectionString ?? '',
      SIGNALBOX_RUNTIMES_OPENCODE_PROGRAM: program ?? '',
      SIGNALBOX_RUNNER_CAPACITY: '1',
      SIGNALBOX_LEASE_SECONDS: '4',
      SIGNALBOX_HEARTBEAT_SECONDS: '1',
    };
    const [one, other] = [
      await ServerProcess.at(join(root, 'one'), settings),
      await ServerProcess.at(join(root, 'other'), settings),
    ];
    const path = join(work, 'shared.txt');
    const write = (content: string): ModelTurn => ({
      toolCalls: [{ name: 'write', arguments: { filePath: path, content } }],
    });
    const hang: ModelTurn = { text: 'Hm.', hang: true };
    await using first = await startLoopbackModel([write('first'), hang]);
    await using second = await startLoopbackModel([write('second'), { text: 'Done.' }]);
    try {
      await one.start();
      await one.ready();
      const { id: workspaceId } = await one.client.workspaces.create({ path: work });
      const start = (title: string, model: LoopbackModel, paths: string[]) =>
        one.client.sessions.create({
          title,
          initialPrompt: 'Write.',
          runtime: 'opencode',
          workspaceId,
          modelConfig: model.name,
          agentConfig: { opencode: model.opencodeConfig() } as CreateSession['agentConfig'],
          paths,
          start: true,
        });
      const holder = await start('Holds it', first, ['shared.txt']);
      await expect.poll(() => readFile(path, 'utf8').catch(() => ''), PATIENCE).toBe('first');
      await other.start();
      await other.ready();
      // The first server is full: this one runs on the other.
      const waiter = await start('Wants it', second, []);
      const queue = async () => (await other.client.pathClaims.list({ status: 'waiting' })).items;
      await expect.poll(async () => (await queue()).map(({ sessionId }) => sessionId), PATIENCE).toEqual([waiter.id]);
      expect(await readFile(path, 'utf8')).toBe('first');

      expect(await one.end('SIGKILL')).toBe('SIGKILL');
      await expect
        .poll(async () => (await other.client.sessions.get(waiter.id)).status, PATIENCE)
        .toSatisfy((status) => status === 'completed' || status === 'failed');
      expect(await readFile(path, 'utf8')).toBe('second');
      expect((await other.client.sessions.get(waiter.id)).status).toBe('completed');
      expect((await other.client.sessions.get(holder.id)).status).toBe('orphaned');
      expect((await other.client.pathClaims.list()).total).toBe(0);
      await expect.poll(() => processesOf(holder.id), PATIENCE).toEqual([]);
    } finally {
      await one.end('SIGTERM');
      await other.end('SIGTERM');
      await database.close();
      await rm(root, { recursive: true, force: true });
    }
  });
});
