import { type CamelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import type { Role } from '../projects/index.ts';
import type { Approval } from './approval.ts';
import { APPROVAL_COLUMNS, toApproval } from './approval-store.ts';

const DUE = statement(
  'approvals.due',
  `SELECT a.project_id AS "projectId", a.id FROM approvals a
   WHERE a.status = 'pending' AND least(a.expires_at, a.remind_at, a.escalate_at) <= $1
   ORDER BY least(a.expires_at, a.remind_at, a.escalate_at), a.id LIMIT $2`,
);

/** Open questions of all projects whose time is over, or of which somebody is to be reminded; the longest due first. */
export async function dueApprovals(
  db: Executor,
  at: Date,
  limit: number,
): Promise<{ projectId: string; id: string }[]> {
  return db.query<{ projectId: string; id: string }>(DUE, [at, limit]);
}

const REMIND = statement(
  'approvals.remind',
  `UPDATE approvals a SET reminded_at = $3, remind_at = NULL, version = version + 1, updated_at = $3
   WHERE a.project_id = $1 AND a.id = $2 AND a.status = 'pending' AND a.remind_at <= $3 RETURNING ${APPROVAL_COLUMNS}`,
);

/** Notes that those who may answer are reminded. Null where it is not due. */
export async function remind(tx: Transaction, projectId: string, id: string, at: Date): Promise<Approval | null> {
  const [row] = await tx.query<CamelRow>(REMIND, [projectId, id, at]);
  return row ? toApproval(row) : null;
}

const ESCALATE = statement(
  'approvals.escalate',
  `UPDATE approvals a SET escalated_at = $3, escalate_at = NULL, roles = $4::text[], version = version + 1, updated_at = $3
   WHERE a.project_id = $1 AND a.id = $2 AND a.status = 'pending' AND a.escalate_at <= $3 RETURNING ${APPROVAL_COLUMNS}`,
);

/** Lets more roles answer. Null where it is not due. */
export async function escalate(
  tx: Transaction,
  projectId: string,
  id: string,
  at: Date,
  roles: readonly Role[],
): Promise<Approval | null> {
  const [row] = await tx.query<CamelRow>(ESCALATE, [projectId, id, at, roles]);
  return row ? toApproval(row) : null;
}

const STRANDED = statement(
  'approvals.stranded',
  `SELECT a.project_id AS "projectId", a.id FROM approvals a LEFT JOIN sessions s ON s.project_id = a.project_id AND s.id = a.session_id
   WHERE a.status = 'pending' AND (s.deleted_at IS NOT NULL OR s.status IN ('completed', 'stopped', 'cancelled', 'expired')
     OR (a.subject = 'task' AND NOT EXISTS (SELECT FROM tasks t WHERE t.id = a.task_id AND t.finished_at IS NULL)))
   ORDER BY a.id LIMIT $1`,
);

/** Open questions of sessions and tasks that are over for good: nobody waits for their answer any more. */
export async function strandedApprovals(db: Executor, limit: number): Promise<{ projectId: string; id: string }[]> {
  return db.query<{ projectId: string; id: string }>(STRANDED, [limit]);
}
