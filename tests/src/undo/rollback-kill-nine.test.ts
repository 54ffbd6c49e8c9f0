import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Core, createCore } from '@signalbox/core';
import { insertTestProject, postgresBackend, type TestDatabase } from '@signalbox/core/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const PROCESS = fileURLToPath(new URL('./rollback-process.ts', import.meta.url));

let opened: TestDatabase;
let core: Core;
let root: string;
let projectId: string;
let pointId: string;
const OLD = { one: 'one old', two: 'two old', 'd/three': 'three old' };
const NEW = { one: 'one new', two: 'two new', four: 'four new' };

beforeAll(async () => {
  opened = await postgresBackend.open();
  root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-rollback-kill-')));
  await mkdir(work('d'), { recursive: true });
  projectId = await insertTestProject(opened.database);
  core = createCore({
    database: opened.database,
    dataDir: join(root, 'data'),
    nodeId: 'restorer',
    logger: pino({ level: 'silent' }),
  });
  const { id: workspaceId } = await core.workspaces.create(projectId, { path: work() }, 'tester');
  for (const [path, content] of Object.entries(OLD)) await writeFile(work(path), content);
  const point = { name: 'old', workspaceId, capture: ['file' as const] };
  pointId = (await core.rollback.points.create(projectId, point, 'tester')).id;
  await rm(work('d'), { recursive: true });
  for (const [path, content] of Object.entries(NEW)) await writeFile(work(path), content);
});
afterAll(async () => {
  await core.close();
  await opened.close();
  await rm(root, { recursive: true, force: true });
});

function work(...names: string[]): string {
  return join(root, 'work', ...names);
}

async function state(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(work(), { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.slice(work().length + 1)] = await readFile(path, 'utf8');
  }
  return found;
}

async function rollBackAndDieAt(step: number): Promise<{ steps: number; status: string } | 'killed'> {
  const args = [opened.connectionString ?? '', join(root, 'data'), projectId, pointId, String(step)];
  return run(process.execPath, ['--conditions=source', PROCESS, ...args]).then(
    ({ stdout }) => JSON.parse(stdout) as { steps: number; status: string },
    (error) => {
      expect(error.signal, error.stderr).toBe('SIGKILL');
      return 'killed';
    },
  );
}

/** What the next start finds, half a minute later: the dead process renewed neither its hold of the files nor its lease. */
async function startAgain() {
  const sql = (text: string) => opened.database.query({ name: '', text }, []);
  await sql(`UPDATE capture_chains SET held_until = now() - interval '1 second' WHERE held_until IS NOT NULL`);
  await sql(`UPDATE rollback_operations SET lease_until = now() - interval '1 second' WHERE completed_at IS NULL`);
  expect([await core.undos.recover(), await core.rollback.operations.failGone()]).toEqual([1, 1]);
  return latest();
}

async function latest() {
  const [operation] = (await core.rollback.operations.list(projectId)).items;
  const undo = await core.undos.get(projectId, operation?.undoIds[0] as string);
  expect(operation?.undoIds).toHaveLength(1);
  return { operation, undo };
}

test('kill -9 in the middle of going back to a point leaves each file old or new, and says which', async () => {
  // In the middle of writing; while nobody looks, somebody writes one of the files.
  expect(await rollBackAndDieAt(9)).toBe('killed');
  await writeFile(work('one'), 'a stranger’s');
  const middle = await startAgain();
  expect(middle.operation).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_INTERRUPTED' } });
  expect(middle.undo).toMatchObject({ status: 'failed', restored: 'partial', report: { foreign: ['one'] } });
  expect(await state()).toEqual({ ...NEW, one: 'a stranger’s' });

  // One that lives: everything is as at the point, and the chain tells by what.
  const lived = await rollBackAndDieAt(0);
  expect(lived).toMatchObject({ status: 'completed', steps: expect.any(Number) });
  expect(await state()).toEqual(OLD);
  const whole = await latest();
  const filters = [{ field: 'undoId', operator: 'eq' as const, value: whole.undo.id }];
  const { items } = await core.workspaceChanges.list(projectId, { filters });
  const changed = items.map(({ path, attribution }) => `${path} ${attribution}`).sort();
  expect(changed).toEqual(['d/three undo', 'four undo', 'one undo', 'two undo']);

  // When all is written and only not recorded, all of it is new.
  const redo = await core.undos.redo(projectId, whole.undo.id, {}, 'tester');
  expect((await core.undos.finished(projectId, redo.id)).status).toBe('completed');
  expect(await state()).toEqual({ ...NEW, one: 'a stranger’s' });
  expect(await rollBackAndDieAt((lived as { steps: number }).steps)).toBe('killed');
  const end = await startAgain();
  expect(end.operation).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_INTERRUPTED' } });
  expect(end.undo).toMatchObject({ status: 'completed', restored: null, error: null });
  expect(await state()).toEqual(OLD);
}, 300_000);
