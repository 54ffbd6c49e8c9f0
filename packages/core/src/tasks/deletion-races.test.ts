import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemIds } from '../platform/ids/ids.ts';
import {
  freeBehindFirst,
  freeWhileWaiting,
  insertTestProject,
  insertTestSession,
  pastHeld,
  postgresBackend,
  somebodyWaits,
  type TestDatabase,
} from '../testing/index.ts';
import { type EnqueueTask, retireTasks, TaskQueue } from './index.ts';

const RETENTION = { retentionDays: 14, failedRetentionDays: 90, activityDays: 7 };
/** Ids that were made long ago, the later ones first. */
const OLD = [3, 2, 1].map((n) => `00000000-0000-7000-8000-00000000000${n}`);

/** PostgreSQL only: PGlite has one connection, on which nothing can race. */
describe('tasks that are deleted while others are at work', () => {
  let opened: TestDatabase;
  let project: string;
  let queue: TaskQueue;
  beforeEach(async () => {
    opened = await postgresBackend.open();
    project = await insertTestProject(opened.database);
    queue = new TaskQueue({ database: opened.database, ids: systemIds });
  });
  afterEach(async () => {
    await queue.close();
    await opened.close();
  });

  const sql = <Row>(text: string, values: unknown[] = []) => opened.database.query<Row>({ name: '', text }, values);
  const enqueue = async (input: Partial<EnqueueTask> = {}) =>
    (await queue.enqueue(project, { type: 'work', ...input })).taskId;
  /** Puts tasks that are long over into their table, in the order given. */
  const past = (ids: readonly string[]) =>
    sql(
      `INSERT INTO tasks (id, project_id, type, status, finished_at)
       SELECT id, $2, 'old', 'completed', now() - interval '1 year' FROM unnest($1::uuid[]) AS id`,
      [ids, project],
    );
  const retire = () => retireTasks(opened.database, RETENTION);
  const deleteProject = () => sql('DELETE FROM projects WHERE id = $1', [project]);

  test('two nodes that delete old tasks do not wait for each other: what one holds the other leaves to it', async () => {
    await past(OLD);
    const report = await pastHeld(opened.database, `SELECT FROM tasks WHERE id = '${OLD[1]}' FOR UPDATE`, retire);
    expect(report).toMatchObject({ tasks: 2 });
    expect(await sql('SELECT id FROM tasks')).toEqual([{ id: OLD[1] }]);
    expect(await retire()).toMatchObject({ tasks: 1 });
  });

  test('edges go in the order of their keys: each end of one may be deleted by somebody else', async () => {
    await past(OLD);
    const [last, middle, first] = OLD;
    await sql(
      `INSERT INTO task_dependencies SELECT t, d, $1, 'fail', false, 'met' FROM unnest($2::uuid[], $3::uuid[]) AS e (t, d)`,
      [project, [last, middle, first], [middle, first, last]],
    );
    expect(await freeBehindFirst(opened.database, 'task_dependencies', 'task_id, depends_on', retire)).toBe(3);
    expect(await sql('SELECT FROM tasks UNION ALL SELECT FROM task_dependencies')).toEqual([]);
  });

  test('a project that goes takes ready rows before tasks, as claims do', async () => {
    for (let n = 0; n < 3; n += 1) await enqueue();
    const held = 'SELECT FROM task_ready ORDER BY task_id LIMIT 1 FOR UPDATE';
    const others = 'SELECT FROM tasks FOR UPDATE SKIP LOCKED';
    expect(await freeWhileWaiting(opened.database, { held, others }, deleteProject)).toBe(3);
    expect(await sql('SELECT FROM tasks UNION ALL SELECT FROM task_ready')).toEqual([]);
  });

  test.each(['project', 'session'])('what is being enqueued when its %s goes, goes too', async (what) => {
    const sessionId = await insertTestSession(opened.database, project);
    const enqueued = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const enqueuing = opened.database.transaction(async (tx) => {
      await queue.within(tx).enqueue(project, { type: 'work', sessionId });
      enqueued.resolve();
      await commit.promise;
    });
    await enqueued.promise;
    const over = new AbortController();
    const gone = (
      what === 'project' ? deleteProject() : sql('DELETE FROM sessions WHERE id = $1', [sessionId])
    ).finally(() => over.abort());
    await somebodyWaits(opened.database, over.signal);
    commit.resolve();
    await Promise.all([enqueuing, gone]);
    expect(await sql('SELECT FROM tasks UNION ALL SELECT FROM task_ready')).toEqual([]);
  });

  test('what is enqueued for a project that is just going is refused', async () => {
    const deleted = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const deleting = opened.database.transaction(async (tx) => {
      await tx.query({ name: '', text: 'DELETE FROM projects WHERE id = $1' }, [project]);
      deleted.resolve();
      await commit.promise;
    });
    await deleted.promise;
    const over = new AbortController();
    const refused = expect(enqueue().finally(() => over.abort())).rejects.toThrow();
    await somebodyWaits(opened.database, over.signal);
    commit.resolve();
    await Promise.all([deleting, refused]);
    expect(await sql('SELECT FROM tasks UNION ALL SELECT FROM task_ready')).toEqual([]);
  });
});
