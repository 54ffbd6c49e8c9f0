import { readdir, rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statement } from '../../platform/database/index.ts';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { filePort, graphPorts, WorkspaceFiles } from '../ports/index.ts';
import { Rollback } from '../rollback.ts';
import { GraphDouble } from '../testing/graph-double.ts';
import { type UndoParts, Undos } from '../undo/index.ts';
import { UndoRoom } from '../undo/testing/undo-room.ts';
import type { StartRollback } from './rollback-operation.ts';

const SILENT = pino({ level: 'silent' });

describeOnBackends('rollbacks of files', (backend) => {
  let opened: TestDatabase;
  let room: UndoRoom;
  const rooms: Rollback[] = [];
  const graph = new GraphDouble();
  beforeAll(async () => {
    opened = await backend.open();
    room = await UndoRoom.open(opened.database);
  });
  afterAll(async () => {
    for (const one of rooms) await one.close();
    await room.close();
    await opened.close();
  });

  function rollback(more: Partial<UndoParts> = {}): Rollback {
    const undos = new Undos({ ...room.parts, ...more });
    const files = filePort(new WorkspaceFiles({ ...room.parts, undos }));
    const made = new Rollback({
      ...room.parts,
      logger: SILENT,
      ports: [...graphPorts(graph, opened.database), files],
    });
    rooms.push(made);
    return made;
  }
  async function run(by: Rollback, pointId: string, input: StartRollback = {}) {
    const { id } = await by.operations.start(room.projectId, pointId, input, 'tester');
    return by.operations.wait(room.projectId, id);
  }

  it('go by the time at which each file changed, also where that was found long after it', async () => {
    const names = ['edited early', 'edited late', 'gone', 'moved'];
    for (const name of names) await room.write(name, `${name}: old`);
    const by = rollback();
    const point = await by.points.create(room.projectId, { name: 'old', workspaceId: room.workspace.id }, 'tester');
    const hour = 3_600_000;
    const ago = (ms: number) => new Date(Date.now() - ms);
    // The captures between which a person worked for hours, as if that had begun half a day ago.
    await opened.database.query(
      statement(
        'test',
        `UPDATE workspace_captures SET taken_at = taken_at - interval '12 hours' WHERE workspace_id = $1`,
      ),
      [room.workspace.id],
    );
    for (const name of ['edited early', 'edited late']) await room.write(name, `${name}: new`);
    await utimes(join(room.directory, 'edited early'), ago(5 * hour), ago(5 * hour));
    await room.remove('gone');
    await rename(join(room.directory, 'moved'), join(room.directory, 'moved on'));
    const rollbackToTimestamp = ago(hour).toISOString();
    const timebasedFilter = { rollbackToTimestamp, undated: 'exclude' as const };
    const operation = await run(by, point.id, { type: 'selective', timebasedFilter });
    expect(operation).toMatchObject({ status: 'completed', strategy: 'time_based', result: { appliedChanges: 3 } });
    expect((await readdir(room.directory)).sort()).toEqual([...names].sort());
    const texts = await Promise.all(names.map((name) => room.read(name)));
    expect(texts).toEqual(['edited early: new', 'edited late: old', 'gone: old', 'moved: old']);
    await Promise.all(names.map((name) => room.remove(name)));
  });

  it('leave nothing half done where a write fails under `safe`, and put all back in one undo otherwise', async () => {
    graph.set({ id: 'a', v: 1 });
    for (const name of ['one', 'two', 'd/three']) await room.write(name, 'old');
    const good = rollback();
    const point = await good.points.create(room.projectId, { name: 'old', workspaceId: room.workspace.id }, 'tester');
    const old = await room.state();
    const { capture } = await room.chain.step('look');
    expect(await good.points.moment(room.projectId, point.id)).toEqual({
      workspaceId: room.workspace.id,
      position: capture.position,
      at: point.createdAt,
    });
    graph.set({ id: 'a', v: 2 });
    for (const name of ['one', 'two', 'new']) await room.write(name, 'changed since');
    await room.remove('d');
    const changed = await room.state();

    const failing = rollback({
      beforeStep: (step, path) => {
        if (step === 'rename' && path === 'two') throw new Error('no space is left');
      },
    });
    const failed = await run(failing, point.id, { strategy: 'safe' });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_FILES_NOT_RESTORED' } });
    expect(failed.result).toMatchObject({ restored: 'old', appliedChanges: 0 });
    const paths = failed.result?.errors.map(({ type, id }) => `${type}:${id}`).sort();
    expect(paths).toEqual(['file:d/three', 'file:new', 'file:one', 'file:two']);
    expect([await room.state(), graph.entities.get('a')]).toEqual([changed, { id: 'a', v: 2 }]);
    expect(await room.undos.get(room.projectId, failed.undoIds[0] as string)).toMatchObject({
      status: 'failed',
      rollbackOperationId: failed.id,
    });

    const done = await run(good, point.id);
    expect(done).toMatchObject({ status: 'completed', result: { appliedChanges: 5, errors: [] } });
    expect([await room.state(), graph.entities.get('a')]).toEqual([old, { id: 'a', v: 1 }]);
    expect(done.undoIds).toHaveLength(1);
    expect((await good.points.diff(room.projectId, point.id)).changeCount).toBe(0);
  });

  it('leave alone, and name, what is written between the look and the write', async () => {
    for (const name of ['one', 'two']) await room.write(name, 'old');
    const good = rollback();
    const input = { name: 'files', workspaceId: room.workspace.id, capture: ['file' as const] };
    const point = await good.points.create(room.projectId, input, 'tester');
    for (const name of ['one', 'two']) await room.write(name, 'changed since');
    const files = new WorkspaceFiles({ ...room.parts, undos: room.undos });
    const restore = files.restore.bind(files);
    files.restore = async (...given) => {
      await room.write('two', 'theirs');
      return restore(...given);
    };
    const racing = new Rollback({ ...room.parts, logger: SILENT, ports: [filePort(files)] });
    rooms.push(racing);
    const operation = await run(racing, point.id, { strategy: 'immediate' });
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'ROLLBACK_INCOMPLETE' } });
    expect(operation.result).toMatchObject({
      appliedChanges: 1,
      partialSuccess: true,
      errors: [{ type: 'file', id: 'two', code: 'ROLLBACK_WRITE_STALE', recoverable: true }],
    });
    expect([await room.read('one'), await room.read('two')]).toEqual(['old', 'theirs']);
  });
});
