import { type Executor, statement } from '../../platform/database/index.ts';
import { type SessionStatus, sessionStatusSchema } from '../session-status.ts';

const STATUSES = statement(
  'runs.statuses',
  'SELECT id, status, attempt FROM sessions WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL',
);

/** Where sessions of this runner stand, whatever their project; deleted ones are left out. */
export async function readStatuses(
  db: Executor,
  sessionIds: readonly string[],
): Promise<Map<string, { status: SessionStatus; attempt: number }>> {
  const rows = await db.query<{ id: string; status: string; attempt: number }>(STATUSES, [sessionIds]);
  return new Map(rows.map((row) => [row.id, { status: sessionStatusSchema.parse(row.status), attempt: row.attempt }]));
}
