import { type Executor, statement } from '../platform/database/index.ts';
import type { AuditEntry } from './audit-event.ts';

const insert = statement(
  'audit.insert',
  `INSERT INTO audit_events (id, project_id, actor, actor_role, action, subject_type, subject_id, version_before, version_after,
     changes, details, trace_id)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12)`,
);

export async function insertAuditEvent(
  executor: Executor,
  projectId: string,
  id: string,
  entry: AuditEntry,
): Promise<void> {
  await executor.query(insert, [
    id,
    projectId,
    entry.actor,
    entry.actorRole ?? null,
    entry.action,
    entry.subjectType,
    entry.subjectId,
    entry.versionBefore ?? null,
    entry.versionAfter ?? null,
    JSON.stringify(entry.changes ?? {}),
    JSON.stringify(entry.details ?? {}),
    entry.traceId ?? null,
  ]);
}
