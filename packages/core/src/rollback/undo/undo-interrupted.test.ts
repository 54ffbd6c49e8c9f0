import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeOnBackends, type TestDatabase } from '../../testing/index.ts';
import { UndoRoom } from './testing/undo-room.ts';
import { Undos } from './undos.ts';

/** It starts git often. */
const LIMIT_MS = 180_000;

describeOnBackends('an undo that does not come about', (backend) => {
  let opened: TestDatabase;
  let room: UndoRoom;
  let a: string;
  let b: string;

  beforeAll(async () => {
    opened = await backend.open();
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    room = await UndoRoom.open(opened.database);
    a = await room.session('A');
    b = await room.session('B');
    await room.write('f.txt', 'old\n');
    await room.write('gone.txt', 'gone\n');
    await room.chain.step('session_start');
  });
  afterEach(async () => {
    await room.close();
    expect(room.errors).toEqual([]);
  });

  const status = async (id: string) => (await room.sessions.get(room.projectId, id))?.status;
  const undoOf = (...sessionIds: string[]) => ({ selection: { sessionIds } });
  async function undoBy(undos: Undos, input: Parameters<Undos['create']>[1]) {
    const { id } = await undos.create(room.projectId, input, 'tester');
    return undos.finished(room.projectId, id);
  }
  /** Writes of undos as the database has them, and what the audit says of their end. */
  async function recorded(undoId: string) {
    const query = (text: string) => opened.database.query<Record<string, unknown>>({ name: '', text }, [undoId]);
    const writes = await query('SELECT path, outcome FROM undo_writes WHERE undo_id = $1 ORDER BY path');
    const [end] = await query(`SELECT details FROM audit_events WHERE subject_id = $1 AND action = 'undo.fail'`);
    return { writes: Object.fromEntries(writes.map(({ path, outcome }) => [path, outcome])), end: end?.details };
  }

  test('for it fails midway, wherever that is, puts all back and says so', { timeout: LIMIT_MS }, async () => {
    await room.as(a, async () => {
      await room.write('f.txt', 'by A\n');
      await chmod(join(room.directory, 'f.txt'), 0o755);
      await room.remove('gone.txt');
      await room.write('made/by-a.txt', 'A\n');
    });
    const before = await room.state();
    // In the order of writing: the directory that goes behind its file, what comes, and the end of it.
    const moments = [
      ['directory', 'made', 1],
      ['rename', 'gone.txt', 3],
      ['record', '', 4],
    ] as const;
    for (const [step, path, written] of moments) {
      const beforeStep = (...now: [string, string]) => {
        if (now[0] === step && now[1] === path) throw new Error(`no room for ${path}`);
      };
      const undo = await undoBy(new Undos({ ...room.parts, beforeStep }), undoOf(a));
      expect(undo).toMatchObject({
        status: 'failed',
        restored: 'old',
        error: { code: 'UNDO_FAILED', message: `no room for ${path}` },
        report: { written: 0, restored: written, untouched: 4 - written, foreign: [], revertCommit: null },
        paused: [{ sessionId: a, outcome: 'resumed', reason: null }],
      });
      expect(await room.state()).toEqual(before);
      expect(await status(a)).toBe('running');
      const { writes, end } = await recorded(undo.id);
      expect(Object.keys(writes).sort()).toEqual(['f.txt', 'gone.txt', 'made', 'made/by-a.txt']);
      expect(Object.values(writes).filter((outcome) => outcome === 'restored')).toHaveLength(written);
      expect(end).toMatchObject({ error: 'UNDO_FAILED', wentBack: 'old' });
    }
    // Nothing of that is in the way of one that comes about.
    expect(await room.undo(undoOf(a))).toMatchObject({ status: 'completed', report: { written: 4 } });
    expect(await room.state()).toEqual({ 'f.txt': '644 old\n', 'gone.txt': '644 gone\n' });
  });

  test('for somebody is at work is told so, and goes on where it is forced', async () => {
    await room.as(a, () => room.write('f.txt', 'by A\n'));
    const free = await room.openCall(b);
    const hasty = new Undos({ ...room.parts, waitMs: 0 });
    const refused = await undoBy(hasty, undoOf(a));
    expect(refused).toMatchObject({
      status: 'failed',
      restored: null,
      report: null,
      error: { code: 'WORKSPACE_BUSY' },
    });
    expect(refused.error?.message).toContain(b);
    expect(await room.read('f.txt')).toBe('by A\n');
    expect(await status(a)).toBe('running');
    expect(await undoBy(hasty, { ...undoOf(a), force: true })).toMatchObject({ status: 'completed' });
    expect(await room.read('f.txt')).toBe('old\n');
    await free();
    // What the call of the neighbour finds afterwards is the undo's, and not its own.
    const { items } = await room.parts.changes.list(room.projectId, { sortBy: 'position', sortOrder: 'desc' });
    expect(items[0]).toMatchObject({ path: 'f.txt', attribution: 'undo', sessionId: null });
  });

  test('for its process is gone lets the sessions run again that it had paused, or says why not', {
    timeout: LIMIT_MS,
  }, async () => {
    const [c, d] = [await room.session('C'), await room.session('D')];
    for (const [index, id] of [a, c, d].entries()) await room.as(id, () => room.write(`${index}.txt`, 'new\n'));
    const free = await room.openCall(b);
    const { id } = await room.undos.create(room.projectId, undoOf(a, c, d), 'tester');
    const paused = async () => Promise.all([a, c, d].map(status));
    await expect.poll(paused, { timeout: 60_000 }).toEqual(['paused', 'paused', 'paused']);
    await room.sessions.cancel(room.projectId, c, 'me');
    await room.sessions.resume(room.projectId, d, 'me');
    await room.sessions.pause(room.projectId, d, 'me');
    // To others that process, which has the same number and another mark, is dead.
    const other = new Undos(room.parts);
    expect(await other.recover()).toBe(1);
    expect(await other.get(room.projectId, id)).toMatchObject({
      status: 'failed',
      error: { code: 'UNDO_INTERRUPTED' },
      paused: [
        { sessionId: d, outcome: 'left', reason: 'somebody has paused it anew' },
        { sessionId: c, outcome: 'left', reason: 'it is cancelled by now' },
        { sessionId: a, outcome: 'resumed', reason: null },
      ],
    });
    expect(await paused()).toEqual(['running', 'cancelled', 'paused']);
    await free();
    await room.undos.finished(room.projectId, id);
    expect(await paused()).toEqual(['running', 'cancelled', 'paused']);
    expect(await room.read('0.txt')).toBe('new\n');
  });

  test('or whose end was the last that its process saw leaves nobody paused', async () => {
    await room.as(a, () => room.write('f.txt', 'by A\n'));
    const resume = () => Promise.reject(new Error('the process is gone'));
    const sessions = { ...room.sessions, within: (tx: never) => ({ ...room.sessions.within(tx), resume }) };
    const undos = new Undos({ ...room.parts, sessions, onError: () => undefined });
    const undo = await undoBy(undos, undoOf(a));
    expect(undo).toMatchObject({ status: 'completed', paused: [{ sessionId: a, outcome: 'paused' }] });
    expect(await status(a)).toBe('paused');
    expect(await room.undos.recover()).toBe(0);
    expect(await status(a)).toBe('running');
    const { paused } = await room.undos.get(room.projectId, undo.id);
    expect(paused).toMatchObject([{ sessionId: a, outcome: 'resumed' }]);
  });
});
