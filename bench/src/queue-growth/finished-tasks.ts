import type pg from 'pg';

/** Of the task table and its indexes, as found after a fill. */
const BYTES_PER_TASK = 1_500;

/** Disk that a history of so many tasks takes, roughly, in bytes. */
export function historyBytes(count: number): number {
  return count * BYTES_PER_TASK;
}

/**
 * Fills the empty tables with tasks that were enqueued, claimed and completed over the last weeks, as the queue leaves them
 * behind. Made in the server; the indexes are built afterwards, as a restore does it.
 */
export async function insertFinishedTasks(client: pg.Client, projectId: string, count: number): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '256MB'`);
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
       WHERE i.indrelid = 'tasks'::regclass AND NOT i.indisprimary`,
    );
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
    // Ids of version 7 in the order of their time, one a quarter of a second.
    const made = `SELECT n, now() - (${count} - n + 7200) * interval '250 ms' AS at, md5(n::text) AS random
      FROM generate_series(1, ${count}) AS n`;
    const id = `(lpad(to_hex((extract(epoch FROM g.at) * 1000)::bigint), 12, '0') || '7' || substr(g.random, 1, 3) || '8'
      || substr(g.random, 4, 15))::uuid`;
    await client.query(
      `INSERT INTO tasks (id, project_id, type, payload, status, run_at, attempt, claimed_by, claim_token, claimed_at, result, trace_id,
         version, created_at, updated_at, finished_at)
       SELECT ${id}, $1, (ARRAY['noop', 'review', 'test', 'merge'])[n % 4 + 1], jsonb_build_object('n', n), 'completed', g.at, 1,
         'agent-' || n % 100, n, g.at + interval '20 ms', '{"ok": true}', g.random, 3, g.at, g.at + interval '90 ms', g.at + interval '90 ms'
       FROM (${made}) g`,
      [projectId],
    );
    for (const { definition } of indexes) await client.query(definition);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
  await client.query('VACUUM (ANALYZE) tasks');
}
