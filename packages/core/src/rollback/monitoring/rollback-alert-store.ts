import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type Page, readPage } from '../../platform/query/index.ts';
import {
  ALERT_SEVERITIES,
  ALERT_TYPES,
  type AlertSeverity,
  type AlertType,
  type RaisedAlert,
  type RollbackAlert,
  rollbackAlertSchema,
} from './rollback-alert.ts';

const COLUMNS = `a.id, a.project_id, a.type, a.severity, a.message, a.timestamp, a.first_seen_at, a.occurrences, a.data,
  a.resolved_at IS NOT NULL AS resolved, a.resolved_at, a.resolved_by`;

/** All that lists of alerts can be filtered and sorted by (RB-221). */
export const ALERT_FIELDS: FieldTable = {
  noun: 'alert',
  fields: {
    id: { kind: 'uuid', column: 'a.id' },
    type: { kind: 'enum', column: 'a.type', values: ALERT_TYPES },
    severity: { kind: 'enum', column: 'a.severity', values: ALERT_SEVERITIES },
    resolved: { kind: 'boolean', column: 'a.resolved' },
    timestamp: { kind: 'time', column: 'a.timestamp' },
    firstSeenAt: { kind: 'time', column: 'a.first_seen_at' },
    resolvedAt: { kind: 'time', column: 'a.resolved_at', nullable: true },
    occurrences: { kind: 'integer', column: 'a.occurrences' },
  },
  defaultSort: { by: 'timestamp', order: 'desc' },
  idColumn: 'a.id',
  deletedColumn: null,
};

/** A page of the project's alerts, the last seen first unless asked otherwise. */
export function pageAlerts(db: Executor, projectId: string, query: ListQuery = {}): Promise<Page<RollbackAlert>> {
  const source = {
    label: 'rollback_alerts.list',
    table: ALERT_FIELDS,
    columns: sql.raw('a.*'),
    from: sql`(SELECT ${sql.raw(COLUMNS)} FROM rollback_alerts a) a`,
    scope: sql`a.project_id = ${projectId}::uuid`,
  };
  return readPage(db, source, query, toAlert);
}

const raise = statement(
  'rollback_alerts.raise',
  `INSERT INTO rollback_alerts AS a (id, project_id, type, severity, message, data, timestamp, first_seen_at, operation_at)
   VALUES ($2, $1, $3, $4, $5, $6, $7, $7, $8)
   ON CONFLICT (project_id, type, severity) WHERE resolved_at IS NULL DO UPDATE SET message = excluded.message,
     data = a.data || excluded.data, timestamp = greatest(a.timestamp, excluded.timestamp), occurrences = a.occurrences + 1,
     operation_at = greatest(a.operation_at, excluded.operation_at)
   RETURNING ${COLUMNS}`,
);

/** Opens an alert, or lets the open one of its kind take it up (RB-220): `occurrences` tells which. @param byOperation an operation gave rise to it */
export async function raiseAlert(
  db: Executor,
  projectId: string,
  alert: RaisedAlert & { id: string; at: Date; byOperation: boolean },
): Promise<RollbackAlert> {
  const { id, at, type, severity, message, data, byOperation } = alert;
  const values = [projectId, id, type, severity, message, JSON.stringify(data), at, byOperation ? at : null];
  const [row] = await db.query<CamelRow>(raise, values);
  return toAlert(row as CamelRow);
}

const subside = statement(
  'rollback_alerts.subside',
  `UPDATE rollback_alerts a SET resolved_at = greatest($4::timestamptz, a.timestamp)
   WHERE a.project_id = $1 AND a.type = $2 AND a.severity = $3 AND a.resolved_at IS NULL
     AND (a.operation_at IS NULL OR a.operation_at <= $5)
   RETURNING ${COLUMNS}`,
);

/** Resolves the open alert of a kind, unless an operation gave rise to it after `quietSince`. */
export async function subsideAlert(
  db: Executor,
  projectId: string,
  { type, severity }: { type: AlertType; severity: AlertSeverity },
  at: Date,
  quietSince: Date,
): Promise<RollbackAlert | null> {
  const [row] = await db.query<CamelRow>(subside, [projectId, type, severity, at, quietSince]);
  return row ? toAlert(row) : null;
}

const resolve = statement(
  'rollback_alerts.resolve',
  `UPDATE rollback_alerts a SET resolved_at = $3, resolved_by = $4
   WHERE a.project_id = $1 AND a.id = $2 AND a.resolved_at IS NULL RETURNING ${COLUMNS}`,
);

/** Null where there is no such alert, or it is resolved already. */
export async function resolveAlert(
  db: Executor,
  projectId: string,
  id: string,
  at: Date,
  actor: string,
): Promise<RollbackAlert | null> {
  const [row] = await db.query<CamelRow>(resolve, [projectId, id, at, actor]);
  return row ? toAlert(row) : null;
}

const get = statement(
  'rollback_alerts.get',
  `SELECT ${COLUMNS} FROM rollback_alerts a WHERE a.project_id = $1 AND a.id = $2`,
);

export async function getAlert(db: Executor, projectId: string, id: string): Promise<RollbackAlert | null> {
  const [row] = await db.query<CamelRow>(get, [projectId, id]);
  return row ? toAlert(row) : null;
}

const open = statement(
  'rollback_alerts.open',
  `SELECT ${COLUMNS} FROM rollback_alerts a WHERE a.project_id = $1 AND a.resolved_at IS NULL ORDER BY a.timestamp DESC, a.id DESC`,
);

/** At most one of each type and severity. */
export async function openAlerts(db: Executor, projectId: string): Promise<RollbackAlert[]> {
  return (await db.query<CamelRow>(open, [projectId])).map(toAlert);
}

const alerted = statement(
  'rollback_alerts.projects',
  'SELECT DISTINCT a.project_id FROM rollback_alerts a WHERE a.resolved_at IS NULL',
);

export async function projectsWithAlerts(db: Executor): Promise<string[]> {
  return (await db.query<{ project_id: string }>(alerted)).map(({ project_id }) => project_id);
}

const dropOld = statement(
  'rollback_alerts.drop_old',
  `DELETE FROM rollback_alerts WHERE id = ANY (ARRAY(
     SELECT a.id FROM rollback_alerts a WHERE a.resolved_at < $1 ORDER BY a.id FOR UPDATE SKIP LOCKED))`,
);

/** Those that were resolved before, in every project (RB-225). */
export async function dropResolvedAlerts(db: Executor, before: Date): Promise<void> {
  await db.query(dropOld, [before]);
}

function toAlert(row: Record<string, unknown>): RollbackAlert {
  return rollbackAlertSchema.parse(camelRow(row));
}
