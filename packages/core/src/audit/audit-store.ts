import { type Executor, statement } from '../platform/database/index.ts';
import type { AuditEntry } from './audit-event.ts';

const insert = statement(
  'audit.insert',
  `INSERT INTO audit_events (id, project_id, actor, actor_role, action, subject_type, subject_id, version_before, version_after,
     changes, details, trace_id)
   SELECT e.id, $1::uuid, e.actor, e."actorRole", e.action, e."subjectType", e."subjectId", e."versionBefore", e."versionAfter",
     coalesce(e.changes, '{}'), coalesce(e.details, '{}'), e."traceId"
   FROM jsonb_to_recordset($2::jsonb) AS e (n integer, id uuid, actor text, "actorRole" text, action text, "subjectType" text,
     "subjectId" text, "versionBefore" integer, "versionAfter" integer, changes jsonb, details jsonb, "traceId" text)
   ORDER BY e.n`,
);

/** Inserts all of them in one statement. */
export async function insertAuditEvents(
  executor: Executor,
  projectId: string,
  entries: readonly (AuditEntry & { id: string })[],
): Promise<void> {
  await executor.query(insert, [projectId, JSON.stringify(entries.map((entry, n) => ({ ...entry, n })))]);
}
