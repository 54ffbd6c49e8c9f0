import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  freeBehindFirst,
  insertTestProject,
  insertTestSession,
  pastHeld,
  postgresBackend,
  type TestDatabase,
} from '../testing/index.ts';
import { dropResolvedAlerts } from './monitoring/rollback-alert-store.ts';
import { dropSamples } from './monitoring/rollback-sample-store.ts';
import { failGoneOperations, forgetOperations } from './operations/operation-store.ts';
import { noteCleanup } from './operations/rollback-metrics-store.ts';
import { evictPoints, forgetExpiredPoints, trimSession } from './points/point-retention-store.ts';

const ids = [3, 2, 1].map((n) => `00000000-0000-7000-8000-00000000000${n}`);
const [, HELD] = ids;

/** PostgreSQL only: PGlite has one connection, on which nobody waits for anybody. */
describe('what cleans up on several nodes at once leaves to others what they hold', () => {
  let opened: TestDatabase;
  let project: string;
  let session: string;
  beforeAll(async () => {
    opened = await postgresBackend.open();
    project = await insertTestProject(opened.database);
    session = await insertTestSession(opened.database, project);
  });
  afterAll(() => opened.close());

  const sql = (text: string, values: unknown[] = []) => opened.database.query({ name: '', text }, values);
  const points = (expired: boolean) =>
    sql(
      `INSERT INTO rollback_points (id, project_id, session_id, name, metadata, kind, captured, consistent, created_at, used_at, expires_at, expired_at)
       SELECT id, $2, $3, 'p', '{}', 'named', '{}', true, now(), now(), ${expired ? 'now(), now()' : 'NULL, NULL'} FROM unnest($1::uuid[]) AS id`,
      [ids, project, session],
    );
  const operations = (over: boolean) =>
    sql(
      `INSERT INTO rollback_operations (id, project_id, type, target_point_id, target_point_name, options, mutating, status, started_at,
         lease_until, completed_at)
       SELECT id, $2, 'dry_run', id, 'p', '{}', false, ${over ? `'cancelled', now(), NULL, now()` : `'pending', now(), now(), NULL`}
       FROM unnest($1::uuid[]) AS id`,
      [ids, project],
    );
  const later = () => new Date(Date.now() + 60_000);
  const lost = { code: 'GONE', message: 'gone', details: {} };

  test.each<[string, string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['expired points', 'rollback_points', () => points(true), () => forgetExpiredPoints(opened.database, later())],
    [
      'points that give way',
      'rollback_points',
      () => points(false),
      () => evictPoints(opened.database, project, 'named', 9),
    ],
    [
      'points of a session',
      'rollback_points',
      () => points(false),
      () => trimSession(opened.database, project, session, 0),
    ],
    ['old operations', 'rollback_operations', () => operations(true), () => forgetOperations(opened.database, later())],
    [
      'samples',
      'rollback_samples',
      () =>
        sql(
          `INSERT INTO rollback_samples SELECT id, $2, now(), 'interval', 0, 0, 0, 0, 0, NULL, 0, 0, 0, 0 FROM unnest($1::uuid[]) AS id`,
          [ids, project],
        ),
      () => dropSamples(opened.database, later()),
    ],
    [
      'alerts',
      'rollback_alerts',
      () =>
        sql(
          `INSERT INTO rollback_alerts (id, project_id, type, severity, message, data, timestamp, first_seen_at, resolved_at)
           SELECT id, $2, 'memory', 'warning', 'm', '{}', now(), now(), now() FROM unnest($1::uuid[]) AS id`,
          [ids, project],
        ),
      () => dropResolvedAlerts(opened.database, later()),
    ],
  ])('%s', async (_, table, make, drop) => {
    await make();
    await pastHeld(opened.database, `SELECT FROM ${table} WHERE id = '${HELD}' FOR UPDATE`, drop);
    expect(await sql(`SELECT id FROM ${table}`)).toEqual([{ id: HELD }]);
    await drop();
    expect(await sql(`SELECT id FROM ${table}`)).toEqual([]);
  });

  test('operations whose process is gone', async () => {
    await operations(false);
    const log = { timestamp: new Date().toISOString(), level: 'error' as const, message: 'gone' };
    const fail = () => failGoneOperations(opened.database, new Date(), lost, log);
    const failed = await pastHeld(
      opened.database,
      `SELECT FROM rollback_operations WHERE id = '${HELD}' FOR UPDATE`,
      fail,
    );
    expect(failed.map(({ id }) => id).sort()).toEqual([ids[2], ids[0]]);
    expect((await fail()).map(({ id }) => id)).toEqual([HELD]);
    await forgetOperations(opened.database, later());
  });

  test('the note that all projects were cleaned is made in the order of the projects', async () => {
    await sql(`INSERT INTO projects (id, slug, name) SELECT id, 'p' || id, 'P' FROM unnest($1::uuid[]) AS id`, [ids]);
    const [counted] = await opened.database.query<{ count: number }>({
      name: '',
      text: 'SELECT count(*)::integer AS count FROM rollback_scopes',
    });
    const note = () => noteCleanup(opened.database, new Date());
    expect(await freeBehindFirst(opened.database, 'rollback_scopes', 'project_id', note)).toBe(counted?.count);
    expect(await sql('SELECT FROM rollback_scopes WHERE last_cleanup_at IS NULL')).toEqual([]);
  });
});
