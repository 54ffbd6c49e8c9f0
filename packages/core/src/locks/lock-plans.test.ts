import { expect, test } from 'vitest';
import { systemIds } from '../platform/ids/ids.ts';
import { insertTestProject, postgresBackend } from '../testing/index.ts';
import { DEFAULT_LOCK_POLICY, lockRequest } from './lock-request.ts';
import { acquireBatch } from './lock-store.ts';

test('acquiring reads no more the more locks a project holds, although the table was empty when it was analysed', async () => {
  const { database, close } = await postgresBackend.open();
  try {
    const sql = (text: string) => database.query<{ read: string }>({ name: '', text });
    const projectId = await insertTestProject(database);
    // The database may have served other tests, whose connections count what they have read when they end.
    const others = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;
    await expect.poll(() => sql(others)).toEqual([]);
    await sql('SELECT pg_stat_reset()');
    await sql('VACUUM ANALYZE lock_holdings, lock_waiters');
    const batches = 8;
    const size = 100;
    for (let batch = 0; batch < batches; batch++) {
      const calls = Array.from({ length: size }, (_, n) => ({
        projectId,
        request: lockRequest({ resource: `build/${batch}-${n}` }, DEFAULT_LOCK_POLICY, systemIds),
        leaseMs: 5_000,
      }));
      const { verdicts } = await acquireBatch(database, calls, null);
      expect(verdicts.map((verdict) => verdict?.outcome)).toEqual(calls.map(() => 'granted'));
    }
    await sql('SELECT pg_stat_force_next_flush()');
    const [row] = await sql(
      `SELECT sum(idx_tup_read) AS read FROM pg_stat_user_indexes WHERE relname = 'lock_holdings'`,
    );
    // Entry by entry it would be a quarter of a million and more.
    expect(Number(row?.read)).toBeLessThan(batches * size * 20);
  } finally {
    await close();
  }
});
