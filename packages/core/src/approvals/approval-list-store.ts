import { sql } from 'kysely';
import type { Executor } from '../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../platform/query/index.ts';
import { APPROVAL_STATUSES, APPROVAL_SUBJECTS, type Approval } from './approval.ts';
import { APPROVAL_COLUMNS, toApproval } from './approval-store.ts';

/** All that lists of approvals can be filtered and sorted by. */
export const APPROVAL_FIELDS: FieldTable = {
  noun: 'approval',
  fields: {
    id: { kind: 'uuid', column: 'a.id' },
    subject: { kind: 'enum', column: 'a.subject', values: APPROVAL_SUBJECTS },
    status: { kind: 'status', column: 'a.status', values: APPROVAL_STATUSES },
    sessionId: { kind: 'uuid', column: 'a.session_id', nullable: true },
    taskId: { kind: 'uuid', column: 'a.task_id', nullable: true },
    tool: { kind: 'text', column: 'a.tool', nullable: true },
    digest: { kind: 'text', column: 'a.digest' },
    requestedBy: { kind: 'text', column: 'a.requested_by' },
    requestedAt: { kind: 'time', column: 'a.requested_at' },
    expiresAt: { kind: 'time', column: 'a.expires_at' },
    escalatedAt: { kind: 'time', column: 'a.escalated_at', nullable: true },
    decidedBy: { kind: 'text', column: 'a.decided_by', nullable: true },
    decidedAt: { kind: 'time', column: 'a.decided_at', nullable: true },
    usedAt: { kind: 'time', column: 'a.used_at', nullable: true },
  },
  defaultSort: { by: 'requestedAt', order: 'desc' },
  idColumn: 'a.id',
  deletedColumn: null,
};

/**
 * A page of the project's approvals, the last requested first unless asked otherwise, by any filter on
 * {@link APPROVAL_FIELDS}.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, INVALID_STATUS, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export async function pageApprovals(db: Executor, projectId: string, query: ListQuery = {}): Promise<Page<Approval>> {
  const source: ListSource = {
    label: 'approvals.list',
    table: APPROVAL_FIELDS,
    columns: sql.raw(APPROVAL_COLUMNS),
    from: sql`approvals a`,
    scope: sql`a.project_id = ${projectId}::uuid`,
  };
  return readPage(db, source, query, toApproval);
}
