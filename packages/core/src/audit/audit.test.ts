import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import {
  type AuditEntry,
  type AuditReport,
  AuditSealer,
  dropAuditPartitions,
  listAudit,
  makeAuditPartitions,
  recordAudit,
  type SealHead,
  type SealKey,
  verifyAudit,
} from './index.ts';
import { headOf, makeSeal, rootOf, rowDigest } from './seal.ts';
import { lastSeal, placedRows } from './seal-store.ts';

const key: SealKey = { id: 'k1', secret: randomBytes(32) };
const entry = (n: number): AuditEntry => ({
  actor: n % 2 ? 'ada' : 'bob',
  action: 'session.update',
  subjectType: 'session',
  subjectId: `s${n}`,
  versionBefore: n,
  versionAfter: n + 1,
  changes: { title: { before: 'old', after: `new ${n}` } },
  traceId: `trace-${n}`,
});

describeOnBackends('audit', (backend) => {
  let db: TestDatabase;
  let database: Database;
  let projectId: string;
  let heads: SealHead[];
  beforeAll(async () => {
    db = await backend.open();
    database = db.database;
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    projectId = await insertTestProject(database);
    heads = [];
  });

  const sql = (text: string, values: unknown[] = []) => database.query({ name: '', text }, values);
  /** Each at an instant of its own, however coarse the database's clock, so that their order is known. */
  const record = async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return database.transaction((tx) => recordAudit(tx, projectId, entry(n)));
  };
  const sealer = (keyToUse = key) =>
    new AuditSealer({
      database,
      clock: systemClock,
      key: keyToUse,
      keepHead: (head) => void heads.push(head),
      onError: (error) => {
        throw error;
      },
    });
  const verify = (keys = [key], kept: SealHead[] = []) => verifyAudit(database, projectId, keys, kept);
  const problems = ({ problems: found }: AuditReport) =>
    found.map(({ kind, position, seal }) => [kind, position, seal]);
  /** Does what only the owner of the database can: goes around the triggers. */
  const tamper = (text: string, values: unknown[] = []) =>
    database.transaction(async (tx) => {
      await tx.query({ name: '', text: 'SET LOCAL session_replication_role = replica' });
      await tx.query({ name: '', text }, values);
    });
  /** Two seals: positions 1-4 and 5-7. Answers the events' ids by position, from 1. */
  async function sealedChain(): Promise<string[]> {
    const ids = [''];
    for (let n = 1; n <= 4; n += 1) ids.push(await record(n));
    await sealer().sealAll();
    for (let n = 5; n <= 7; n += 1) ids.push(await record(n));
    await sealer().sealAll();
    return ids;
  }

  test('CTL-032: an event commits with what it records, and is listed with who, what, when and the trace', async () => {
    const rolledBack = database.transaction(async (tx) => {
      await recordAudit(tx, projectId, entry(1));
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect((await listAudit(database, projectId)).total).toBe(0);
    const id = await record(1);
    const { items, total } = await listAudit(database, projectId);
    expect(total).toBe(1);
    expect(items).toEqual([
      { ...entry(1), id, projectId, at: expect.stringMatching(/^\d{4}-.*Z$/), actorRole: null, details: {} },
    ]);
  });

  test('lists by filters, pages and cursors, newest first, of one project only', async () => {
    for (let n = 1; n <= 5; n += 1) await record(n);
    const list = async (query: Parameters<typeof listAudit>[2]) =>
      (await listAudit(database, projectId, query)).items.map(({ subjectId }) => subjectId);
    expect(await list({})).toEqual(['s5', 's4', 's3', 's2', 's1']);
    expect(
      await list({ filters: [{ field: 'actor', operator: 'eq', value: 'ada' }], sortOrder: 'asc', sortBy: 'at' }),
    ).toEqual(['s1', 's3', 's5']);
    expect(await list({ filters: [{ field: 'traceId', operator: 'in', value: ['trace-2', 'trace-9'] }] })).toEqual([
      's2',
    ]);
    expect(
      await list({ filters: [{ field: 'changes', operator: 'json_contains', value: { title: { after: 'new 4' } } }] }),
    ).toEqual(['s4']);
    const first = await listAudit(database, projectId, { pageSize: 2 });
    const second = await listAudit(database, projectId, { pageSize: 2, cursor: first.nextCursor ?? '' });
    expect(second.items.map(({ subjectId }) => subjectId)).toEqual(['s3', 's2']);
    expect((await listAudit(database, await insertTestProject(database))).total).toBe(0);
    await expect(list({ filters: [{ field: 'actr', operator: 'eq', value: 'x' }] })).rejects.toMatchObject({
      code: 'UNKNOWN_FILTER',
    });
  });

  test('secrets do not reach the audit', async () => {
    await database.transaction((tx) =>
      recordAudit(tx, projectId, {
        ...entry(1),
        changes: { apiKey: { before: 'abc', after: 'def' } },
        details: { header: 'Bearer abcdef0123456789' },
      }),
    );
    const [event] = (await listAudit(database, projectId)).items;
    expect(event).toMatchObject({
      changes: { apiKey: { before: '[redacted]', after: '[redacted]' } },
      details: { header: 'Bearer [redacted]' },
    });
  });

  test('events, positions and seals are never changed or removed', async () => {
    await sealedChain();
    for (const table of ['audit_events', 'audit_positions', 'audit_seals']) {
      await expect(
        sql(`UPDATE ${table} SET project_id = project_id WHERE project_id = $1`, [projectId]),
      ).rejects.toMatchObject({ sqlState: 'SB003' });
      await expect(sql(`DELETE FROM ${table} WHERE project_id = $1`, [projectId])).rejects.toMatchObject({
        sqlState: 'SB003',
      });
    }
  });

  test('an untouched chain holds, and says what is not sealed yet', async () => {
    expect(await verify()).toEqual({
      ok: true,
      sealedThrough: null,
      sealed: 0,
      released: 0,
      unsealed: 0,
      problems: [],
    });
    await sealedChain();
    await record(8);
    expect(await verify([key], heads)).toMatchObject({
      ok: true,
      sealedThrough: { number: 2, position: 7 },
      sealed: 7,
      unsealed: 1,
      problems: [],
    });
    expect(
      heads.filter((head) => head.projectId === projectId).map(({ number, lastPosition }) => [number, lastPosition]),
    ).toEqual([
      [1, 4],
      [2, 7],
    ]);
  });

  test('a row that was altered is found, whatever field', async () => {
    const ids = await sealedChain();
    await tamper(`UPDATE audit_events SET actor = 'mallory' WHERE id = $1`, [ids[3]]);
    await tamper(`UPDATE audit_events SET changes = '{"title": 1.0}' WHERE id = $1`, [ids[6]]);
    const report = await verify();
    expect(report.ok).toBe(false);
    expect(problems(report)).toEqual([
      ['altered', 3, 1],
      ['altered', 6, 2],
    ]);
    expect(report.problems[0]?.eventId).toBe(ids[3]);
  });

  test('a row that was altered together with its digest is found under its seal', async () => {
    const ids = await sealedChain();
    await tamper(`UPDATE audit_events SET actor = 'mallory' WHERE id = $1`, [ids[6]]);
    const [placed] = await placedRows(database, projectId, 6, 6);
    if (!placed?.row) throw new Error('no row');
    await tamper('UPDATE audit_positions SET leaf = $2 WHERE id = $1', [ids[6], rowDigest(placed.row)]);
    expect(problems(await verify())).toEqual([['altered', 6, 2]]);
  });

  test('a row that was moved in time is found as removed and inserted', async () => {
    const ids = await sealedChain();
    await tamper(`UPDATE audit_events SET at = at + interval '1 microsecond' WHERE id = $1`, [ids[2]]);
    const report = await verify();
    expect(problems(report)).toEqual([
      ['removed', 2, 1],
      ['inserted', null, null],
    ]);
    expect(report.problems.map(({ eventId }) => eventId)).toEqual([ids[2], ids[2]]);
  });

  test('a row that was moved to another project is found in both', async () => {
    const ids = await sealedChain();
    const other = await insertTestProject(database);
    await tamper('UPDATE audit_events SET project_id = $2 WHERE id = $1', [ids[4], other]);
    expect(problems(await verify())).toEqual([['altered', 4, 1]]);
    expect((await verifyAudit(database, other, [key])).problems).toMatchObject([{ kind: 'inserted', eventId: ids[4] }]);
  });

  test('rows, positions and unsealed rows that were removed are found', async () => {
    const ids = await sealedChain();
    ids.push(await record(8));
    await tamper('DELETE FROM audit_events WHERE id = ANY ($1)', [[ids[1], ids[8]]]);
    await tamper('DELETE FROM audit_events WHERE id = $1', [ids[5]]);
    await tamper('DELETE FROM audit_positions WHERE id = $1', [ids[5]]);
    const report = await verify();
    expect(problems(report)).toEqual([
      ['removed', 1, 1],
      ['removed', 5, 2],
      ['removed', null, null],
    ]);
    expect(report.problems[2]?.eventId).toBe(ids[8]);
  });

  test('rows and positions that were slipped in are found', async () => {
    await sealedChain();
    const id = randomUUID();
    await tamper(
      `INSERT INTO audit_events (id, project_id, actor, action, subject_type, subject_id) VALUES ($1, $2, 'm', 'a.b', 's', 's')`,
      [id, projectId],
    );
    expect((await verify()).problems).toMatchObject([{ kind: 'inserted', eventId: id, position: null }]);
    await tamper(
      `INSERT INTO audit_positions (project_id, position, at, id, leaf) SELECT project_id, 8, at, id, 'x' FROM audit_events WHERE id = $1`,
      [id],
    );
    expect(problems(await verify())).toEqual([['inserted', 8, null]]);
  });

  test('rows that changed places are found', async () => {
    const ids = await sealedChain();
    await tamper('UPDATE audit_positions SET position = -position WHERE id = ANY ($1)', [[ids[2], ids[3]]]);
    await tamper('UPDATE audit_positions SET position = 5 + position WHERE id = ANY ($1)', [[ids[2], ids[3]]]);
    expect(problems(await verify())).toEqual([
      ['reordered', 2, 1],
      ['reordered', 3, 1],
    ]);
  });

  test('a seal made without the key, altered, or taken out of the chain is found', async () => {
    const ids = await sealedChain();
    await tamper(
      `UPDATE audit_seals SET sealed_at = sealed_at + interval '1 hour' WHERE project_id = $1 AND number = 1`,
      [projectId],
    );
    expect(problems(await verify())).toEqual([['seal_broken', null, 1]]);
    // Resealed, all of it consistently, by somebody who lacks the key.
    await tamper(`UPDATE audit_events SET actor = 'mallory' WHERE id = $1`, [ids[6]]);
    const rows = await placedRows(database, projectId, 5, 7);
    const positions = rows.map((row) => ({ ...row, leaf: row.row ? rowDigest(row.row) : row.leaf }));
    const old = await lastSeal(database, projectId);
    if (!old) throw new Error('no seal');
    const forged = makeSeal({ id: key.id, secret: randomBytes(32) }, { ...old, merkleRoot: rootOf(positions) });
    await tamper('UPDATE audit_positions SET leaf = $2 WHERE id = $1', [ids[6], positions[1]?.leaf]);
    await tamper('UPDATE audit_seals SET merkle_root = $2, seal = $3 WHERE project_id = $1 AND number = 2', [
      projectId,
      forged.merkleRoot,
      forged.seal,
    ]);
    expect(problems(await verify())).toEqual([
      ['seal_broken', null, 1],
      ['seal_broken', null, 2],
      ['altered', 6, 2],
    ]);
    await tamper('DELETE FROM audit_seals WHERE project_id = $1 AND number = 1', [projectId]);
    expect(problems(await verify())).toContainEqual(['seal_missing', null, 2]);
  });

  test('a chain cut off at its end is found by the head that was kept, and only by it', async () => {
    await sealedChain();
    for (const table of ['audit_seals', 'audit_positions', 'audit_events']) {
      const which = { audit_seals: 'number = 2', audit_positions: 'position > 4', audit_events: 'version_before > 4' }[
        table
      ];
      await tamper(`DELETE FROM ${table} WHERE project_id = $1 AND ${which}`, [projectId]);
    }
    expect(await verify()).toMatchObject({ ok: true, sealedThrough: { number: 1 } });
    expect(problems(await verify([key], heads))).toEqual([['seal_missing', 7, 2]]);
  });

  test('a chain rewritten with the key is found by the head that was kept', async () => {
    await sealedChain();
    const old = await lastSeal(database, projectId);
    if (!old) throw new Error('no seal');
    const other = makeSeal(key, { ...old, sealedAt: new Date(0).toISOString() });
    await tamper('UPDATE audit_seals SET sealed_at = $2, seal = $3 WHERE project_id = $1 AND number = 2', [
      projectId,
      other.sealedAt,
      other.seal,
    ]);
    expect((await verify()).ok).toBe(true);
    expect(problems(await verify([key], [headOf(old)]))).toEqual([['seal_broken', null, 2]]);
  });

  test('a change of key keeps the chain verifiable with both, and names the one that is missing', async () => {
    await record(1);
    await sealer().sealAll();
    const second: SealKey = { id: 'k2', secret: randomBytes(32) };
    await record(2);
    await sealer(second).sealAll();
    expect((await verify([key, second])).ok).toBe(true);
    expect(problems(await verify([second]))).toEqual([['unknown_key', null, 1]]);
  });

  test('sealers on several nodes at once make one chain', async () => {
    for (let n = 1; n <= 20; n += 1) await record(n);
    await Promise.all([1, 2, 3, 4].map(() => sealer().sealAll()));
    expect(await verify()).toMatchObject({ ok: true, sealed: 20, unsealed: 0 });
  });

  test('retention drops sealed days only, leaves their seals, and says why the rows are gone', async () => {
    await sql(`DELETE FROM audit_inbox`);
    await tamper(`DELETE FROM audit_events`);
    const day = (n: number) => new Date(Math.floor(Date.now() / 86_400_000 + n) * 86_400_000);
    await makeAuditPartitions(database, day(-4), 5);
    for (const n of [-4, -3, -2, 0]) {
      await sql(
        `INSERT INTO audit_events (id, project_id, at, actor, action, subject_type, subject_id)
         VALUES (gen_random_uuid(), $1, $2, 'ada', 'a.b', 's', 's')`,
        [projectId, day(n)],
      );
    }
    expect(await dropAuditPartitions(database, day(-1), key, systemClock)).toEqual([]);
    await sealer().sealAll();
    expect(await dropAuditPartitions(database, day(-2), key, systemClock)).toEqual([-4, -3].map(day));
    expect(await verify()).toMatchObject({ ok: true, sealed: 4, released: 2 });
    // Removing more than was released is not retention.
    await tamper(`DELETE FROM audit_events WHERE project_id = $1 AND at = $2`, [projectId, day(-2)]);
    expect(problems(await verify())).toEqual([['removed', 3, 1]]);
    await tamper(`UPDATE audit_releases SET dropped_before = $1`, [day(-1)]);
    expect((await verify()).problems.map(({ kind }) => kind)).toContain('seal_broken');
  });
});
