import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Core, createCore } from '@signalbox/core';
import { insertTestProject, postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const PROCESS = fileURLToPath(new URL('./undo-process.ts', import.meta.url));
/** Moments at which it is killed: of its few dozen steps the first, some, and the last of those that write. */
const MOMENTS = [1, 5, 9, 14, 'last write'] as const;

describe('kill -9 of a process in the middle of an undo', () => {
  let opened: TestDatabase;
  let core: Core;
  let root: string;
  let projectId: string;
  let sessionId: string;
  let old: Record<string, string>;

  beforeEach(async () => {
    opened = await postgresBackend.open();
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-undo-kill-')));
    await mkdir(work());
    projectId = await insertTestProject(opened.database);
    core = createCore({
      database: opened.database,
      dataDir: join(root, 'data'),
      nodeId: 'undoer',
      logger: pino({ level: 'silent' }),
    });
    const workspace = await core.workspaces.create(projectId, { path: work() }, 'tester');
    const made = { title: 'A', initialPrompt: 'do it', workspaceId: workspace.id };
    sessionId = (await core.sessions.create(projectId, made, 'tester')).id;
    await mkdir(work('d'));
    for (const name of ['one', 'two', 'three']) await writeFile(work('d', name), `${name} old\n`);
    await writeFile(work('run'), '#!/bin/sh\n');
    const chain = core.captures.chain(workspace);
    old = await state();
    await chain.openWindow({ sessionId, callId: 'call', tool: 'bash', actor: 'agent', attempt: 1 }, null);
    for (const name of ['one', 'two']) await writeFile(work('d', name), `${name} new\n`);
    await rename(work('d', 'three'), work('three'));
    await chmod(work('run'), 0o755);
    await mkdir(work('made'));
    await writeFile(work('made', 'new'), 'made\n');
    await chain.closeWindow(sessionId, 'call');
    await core.sessions.start(projectId, sessionId, 'tester');
  });
  afterEach(async () => {
    await core.close();
    await opened.close();
    await rm(root, { recursive: true, force: true });
  });

  function work(...names: string[]): string {
    return join(root, 'work', ...names);
  }

  async function state(below = ''): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const entry of await readdir(work(below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) Object.assign(found, await state(path));
      else found[path] = await readFile(work(path), 'utf8');
    }
    return found;
  }

  async function undoAndDieAt(step: number): Promise<{ steps: number; killed: boolean }> {
    const args = [opened.connectionString ?? '', join(root, 'data'), projectId, sessionId, String(step)];
    return run(process.execPath, ['--conditions=source', PROCESS, ...args]).then(
      ({ stdout }) => ({ ...(JSON.parse(stdout) as { steps: number }), killed: false }),
      (error) => {
        expect(error.signal, error.stderr).toBe('SIGKILL');
        return { steps: step, killed: true };
      },
    );
  }

  /** As after half a minute: the dead process did not renew its hold of the workspace. */
  const forgetHold = () => {
    const text = `UPDATE capture_chains SET held_until = now() - interval '1 second' WHERE held_until IS NOT NULL`;
    return opened.database.query({ name: '', text }, []);
  };

  test('leaves all as it was after the next start, whenever it was, and says so', { timeout: 600_000 }, async () => {
    await core.sessions.complete(projectId, sessionId, {}, 'tester');
    const current = await state();
    let last = 0;
    for (const moment of MOMENTS) {
      const step = moment === 'last write' ? last - 1 : moment;
      const { killed } = await undoAndDieAt(step);
      expect(killed).toBe(true);
      // A living process would still hold the files.
      expect(await core.undos.recover()).toBe(0);
      await forgetHold();
      expect(await core.undos.recover()).toBe(1);
      const [undo] = (await core.undos.list(projectId)).items;
      expect(undo).toMatchObject({ status: 'failed', restored: 'old', error: { code: 'UNDO_INTERRUPTED' } });
      expect(undo?.report?.foreign).toEqual([]);
      expect(await state()).toEqual(current);
      expect(await core.undos.recover()).toBe(0);
      if (last > 0) continue;
      // How many steps there are is told by one that lives; taken back again, the next one finds the same.
      const { steps } = await undoAndDieAt(0);
      expect(await state()).toEqual(old);
      last = steps;
      const [done] = (await core.undos.list(projectId)).items;
      const redo = await core.undos.redo(projectId, done?.id ?? '', {}, 'tester');
      expect((await core.undos.finished(projectId, redo.id)).status).toBe('completed');
      expect(await state()).toEqual(current);
    }
    expect(last).toBeGreaterThan(15);
    // When all is written and only not recorded, it is completed.
    expect((await undoAndDieAt(last)).killed).toBe(true);
    await forgetHold();
    expect(await core.undos.recover()).toBe(1);
    const [undo] = (await core.undos.list(projectId)).items;
    expect(undo).toMatchObject({ status: 'completed', restored: null, error: null });
    expect(await state()).toEqual(old);
    const redo = await core.undos.redo(projectId, undo?.id ?? '', {}, 'tester');
    expect((await core.undos.finished(projectId, redo.id)).status).toBe('completed');
    expect(await state()).toEqual(current);
  });

  test('leaves alone, and names, what a stranger wrote meanwhile; the session that stood still runs again', {
    timeout: 120_000,
  }, async () => {
    const current = await state();
    const status = async () => (await core.sessions.get(projectId, sessionId))?.status;
    expect((await undoAndDieAt(12)).killed).toBe(true);
    expect(await status()).toBe('paused');
    await writeFile(work('d', 'one'), 'a stranger’s\n');
    await forgetHold();
    await core.undos.recover();
    const [undo] = (await core.undos.list(projectId)).items;
    expect(undo).toMatchObject({
      status: 'failed',
      restored: 'partial',
      report: { foreign: ['d/one'] },
      paused: [{ sessionId, outcome: 'resumed', reason: null }],
    });
    expect(await status()).toBe('running');
    expect(await state()).toEqual({ ...current, 'd/one': 'a stranger’s\n' });
  });
});
