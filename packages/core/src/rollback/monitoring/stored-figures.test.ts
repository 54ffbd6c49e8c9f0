import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../../testing/index.ts';
import { StoredFigures } from './stored-figures.ts';

const AT = '2026-01-01T12:00:00.000Z';
const EARLIER = '2026-01-01T11:59:59.999Z';

describeOnBackends('figures from the tables of points and operations', (backend) => {
  let db: TestDatabase;
  let figures: StoredFigures;
  beforeAll(async () => {
    db = await backend.open();
    figures = new StoredFigures(db.database);
  });
  afterAll(() => db.close());

  const run = (text: string, values: unknown[]) => db.database.query({ name: '', text }, values);

  async function point(projectId: string, data: string, expired = false): Promise<void> {
    const id = randomUUID();
    await run(
      `INSERT INTO rollback_points (id, project_id, name, metadata, kind, captured, consistent, created_at, used_at, expires_at, expired_at)
       VALUES ($1, $2, 'p', '{}', 'named', '{entity}', true, $3, $3, $4, $4)`,
      [id, projectId, AT, expired ? AT : null],
    );
    if (expired) return;
    await run(
      `INSERT INTO rollback_snapshots (id, project_id, point_id, type, data, size_bytes, checksum, metadata, created_at)
       VALUES ($1, $2, $3, 'entity', $4, octet_length($4), repeat('0', 64), '{}', $5)`,
      [randomUUID(), projectId, id, data, AT],
    );
  }

  async function operation(
    projectId: string,
    status: string,
    completedAt: string | null,
    mutating = true,
  ): Promise<void> {
    await run(
      `INSERT INTO rollback_operations (id, project_id, type, target_point_id, target_point_name, options, mutating, status, progress,
         error, started_at, completed_at)
       VALUES ($1, $2, 'full', $3, 'p', '{}', $4, $5, CASE WHEN $5 = 'completed' THEN 100 ELSE 0 END,
         CASE WHEN $5 = 'failed' THEN '{}'::jsonb END, $6, $7)`,
      [randomUUID(), projectId, randomUUID(), mutating, status, EARLIER, completedAt],
    );
  }

  test('a project without any has zeros, and is not watched', async () => {
    const projectId = await insertTestProject(db.database);
    expect(await figures.totals(projectId)).toEqual({
      totalRollbackPoints: 0,
      successfulRollbacks: 0,
      failedRollbacks: 0,
      averageRollbackTime: 0,
      lastCleanup: null,
    });
    expect(await figures.memory(projectId)).toBe(0);
    expect(await figures.projects()).not.toContain(projectId);
  });

  test('everything is counted, in its project alone', async () => {
    const projectId = await insertTestProject(db.database);
    const neighbour = await insertTestProject(db.database);
    await point(projectId, '{"a":"é"}');
    await point(projectId, 'gone', true);
    await point(neighbour, 'other');
    await run(
      'UPDATE rollback_scopes SET successes = 4, failures = 1, success_ms = 50, last_cleanup_at = $2 WHERE project_id = $1',
      [projectId, AT],
    );
    await operation(projectId, 'failed', AT);
    await operation(projectId, 'failed', EARLIER);
    await operation(projectId, 'failed', AT, false);
    await operation(projectId, 'completed', AT);
    await operation(projectId, 'in_progress', null);
    await operation(projectId, 'pending', null, false);
    await operation(projectId, 'pending', null, false);

    expect(await figures.totals(projectId)).toEqual({
      totalRollbackPoints: 1,
      successfulRollbacks: 4,
      failedRollbacks: 1,
      averageRollbackTime: 12.5,
      lastCleanup: AT,
    });
    expect(await figures.activeCount(projectId)).toBe(1);
    expect(await figures.pendingCount(projectId)).toBe(2);
    expect(await figures.recentFailures(projectId, new Date(AT))).toBe(1);
    expect(await figures.recentFailures(projectId, new Date(EARLIER))).toBe(2);
    // RB-165: 1,024 for the point, 512 for each of seven operations, and the ten bytes of its snapshot.
    expect(await figures.memory(projectId)).toBe(1_024 + 7 * 512 + 10);
    expect(await figures.pendingCount(neighbour)).toBe(0);
    expect((await figures.totals(neighbour)).totalRollbackPoints).toBe(1);
    expect(await figures.projects()).toEqual(expect.arrayContaining([projectId, neighbour]));
  });
});
