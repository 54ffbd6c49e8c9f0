import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor } from '../platform/database/index.ts';
import {
  composeRows,
  cursorAfter,
  type FieldTable,
  type ListQuery,
  type ListSource,
  type Page,
  readPage,
} from '../platform/query/index.ts';
import type { AuditEvent } from './audit-event.ts';

/** All that lists of audit events can be filtered and sorted by. */
export const AUDIT_FIELDS: FieldTable = {
  noun: 'audit event',
  fields: {
    id: { kind: 'uuid', column: 'e.id' },
    at: { kind: 'time', column: 'e.at' },
    actor: { kind: 'text', column: 'e.actor' },
    actorRole: { kind: 'text', column: 'e.actor_role', nullable: true },
    action: { kind: 'text', column: 'e.action' },
    subjectType: { kind: 'text', column: 'e.subject_type' },
    subjectId: { kind: 'text', column: 'e.subject_id' },
    versionBefore: { kind: 'integer', column: 'e.version_before', nullable: true },
    versionAfter: { kind: 'integer', column: 'e.version_after', nullable: true },
    traceId: { kind: 'text', column: 'e.trace_id', nullable: true },
    changes: { kind: 'json', column: 'e.changes' },
    details: { kind: 'json', column: 'e.details' },
  },
  defaultSort: { by: 'at', order: 'desc' },
  idColumn: 'e.id',
  deletedColumn: null,
};

export async function pageAudit(executor: Executor, projectId: string, query: ListQuery): Promise<Page<AuditEvent>> {
  return readPage(executor, sourceOf(projectId), query, (row) => camelRow(row) as unknown as AuditEvent);
}

/** The next events, oldest first; `next` is where to go on, where there may be more. */
export async function auditAfter(
  executor: Executor,
  projectId: string,
  filters: NonNullable<ListQuery['filters']>,
  cursor: string | undefined,
  limit: number,
): Promise<{ items: AuditEvent[]; next: string | undefined }> {
  const query: ListQuery = { filters, sortBy: 'at', sortOrder: 'asc', ...(cursor === undefined ? {} : { cursor }) };
  const { statement, values } = composeRows(sourceOf(projectId), query, limit, 0);
  const rows = await executor.query<CamelRow & { sort_key: string | null }>(statement, values);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    items: rows.map(({ sort_key: _, ...row }) => camelRow(row) as unknown as AuditEvent),
    next: last && cursorAfter(AUDIT_FIELDS, query, { id: String(last.id), sort_key: last.sort_key }),
  };
}

function sourceOf(projectId: string): ListSource {
  return {
    label: 'audit.list',
    table: AUDIT_FIELDS,
    columns: sql`e.id, e.project_id, e.at, e.actor, e.actor_role, e.action, e.subject_type, e.subject_id,
      e.version_before, e.version_after, e.changes, e.details, e.trace_id`,
    from: sql`audit_events e`,
    scope: sql`e.project_id = ${projectId}::uuid`,
  };
}
