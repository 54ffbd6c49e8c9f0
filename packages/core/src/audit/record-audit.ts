import type { Transaction } from '../platform/database/index.ts';
import { type Ids, systemIds } from '../platform/ids/ids.ts';
import { redact } from '../platform/redaction/index.ts';
import { currentTrace } from '../platform/trace/index.ts';
import type { AuditEntry } from './audit-event.ts';
import { insertAuditEvents } from './audit-store.ts';

/**
 * Records who did what, in the transaction that does it: both commit or neither. For decisions (people, policies,
 * operators) and the life of sessions, not for every claim (design.md §4). Secrets in `changes` and `details` are
 * redacted here; trace and role are those under which the caller runs, unless given. Answers the event's id.
 */
export async function recordAudit(
  tx: Transaction,
  projectId: string,
  entry: AuditEntry,
  ids: Ids = systemIds,
): Promise<string> {
  const [id = ''] = await recordAudits(tx, projectId, [entry], ids);
  return id;
}

/** {@link recordAudit} for all that one transaction did, in one statement. Answers the events' ids, in order. */
export async function recordAudits(
  tx: Transaction,
  projectId: string,
  entries: readonly AuditEntry[],
  ids: Ids = systemIds,
): Promise<string[]> {
  if (entries.length === 0) return [];
  const trace = currentTrace();
  const events = entries.map((entry) => ({
    ...entry,
    traceId: entry.traceId ?? trace?.traceId ?? null,
    actorRole: entry.actorRole ?? trace?.actorRole ?? null,
    id: ids.uuid(),
    changes: redact(entry.changes ?? {}),
    details: redact(entry.details ?? {}),
  }));
  await insertAuditEvents(tx, projectId, events);
  return events.map((event) => event.id);
}
