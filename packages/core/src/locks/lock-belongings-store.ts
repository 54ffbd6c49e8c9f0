import { type Executor, statement } from '../platform/database/index.ts';

/** Whom a lock serves. */
export type LockParty = { agentId: string } | { sessionId: string } | { taskId: string };

const COLUMNS = { agentId: 'agent_id', sessionId: 'session_id', taskId: 'task_id' } as const;
const CASTS = { agentId: 'text', sessionId: 'uuid', taskId: 'uuid' } as const;

const statements = Object.fromEntries(
  (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).map((key) => [
    key,
    statement(
      `locks.of_${key}`,
      `SELECT h.id, false AS waiting FROM lock_holdings h WHERE h.project_id = $1 AND h.${COLUMNS[key]} = $2::${CASTS[key]}
       UNION ALL
       SELECT w.id, true FROM lock_waiters w WHERE w.project_id = $1 AND w.${COLUMNS[key]} = $2::${CASTS[key]} ORDER BY 1`,
    ),
  ]),
);

/** The ids of what a party holds and of what it waits for. */
export async function belongingsOf(
  executor: Executor,
  projectId: string,
  party: LockParty,
): Promise<{ holdings: string[]; requests: string[] }> {
  const [[key, value]] = Object.entries(party) as [[keyof typeof COLUMNS, string]];
  const query = statements[key];
  if (!query) throw new TypeError(`locks do not record ${key}`);
  const rows = await executor.query<{ id: string; waiting: boolean }>(query, [projectId, value]);
  return {
    holdings: rows.filter(({ waiting }) => !waiting).map(({ id }) => id),
    requests: rows.filter(({ waiting }) => waiting).map(({ id }) => id),
  };
}
