import { randomUUID } from 'node:crypto';
import { openJournal } from '../journal/index.ts';
import type { Database } from '../platform/database/index.ts';

/** Puts a project straight into its table, for tests of what stands on projects. Answers its id. */
export async function insertTestProject(database: Database): Promise<string> {
  const id = randomUUID();
  const text = `INSERT INTO projects (id, slug, name) VALUES ($1, $2, 'Test')`;
  await database.query({ name: '', text }, [id, `test-${id}`]);
  return id;
}

/** Lets the claim on a task run out now, as if its agent had been silent for the whole lease. */
export async function expireTestClaim(
  database: Database,
  which: { taskId: string } | { sessionId: string },
): Promise<void> {
  const column = 'taskId' in which ? 'id' : 'session_id';
  const value = 'taskId' in which ? which.taskId : which.sessionId;
  const text = `WITH over AS (
      UPDATE tasks SET claim_expires_at = now() - interval '1 second' WHERE ${column} = $1 AND claim_expires_at IS NOT NULL RETURNING id)
    UPDATE task_leases l SET check_at = now() - interval '1 second' FROM over WHERE over.id = ANY (l.task_ids)`;
  await database.query({ name: '', text }, [value]);
}

/** Puts a session with an open journal straight into its table. Answers its id. */
export async function insertTestSession(
  database: Database,
  projectId: string,
  { ttlSeconds = null, at = new Date() }: { ttlSeconds?: number | null; at?: Date } = {},
): Promise<string> {
  const id = randomUUID();
  const text = `INSERT INTO sessions (id, project_id, title, initial_prompt, ttl_seconds) VALUES ($1, $2, $3, 'Test', $4)`;
  await database.query({ name: '', text }, [id, projectId, `Session ${id}`, ttlSeconds]);
  await database.transaction((tx) => openJournal(tx, projectId, id, { ttlSeconds, at }));
  return id;
}
