import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type CycleAlert, type CycleAlertStatus, cycleAlertSchema } from './cycle-alert.ts';

const COLUMNS = `a.id, a.project_id, nullif(a.environment, '') AS environment, a.path, a.status, a.acknowledged_by, a.acknowledged_at,
  a.resolved_by, a.resolved_at, a.resolution_notes, a.detected_at, a.times_detected, a.version, a.created_at, a.updated_at`;

const GET = statement(
  'cycles.get',
  `SELECT ${COLUMNS} FROM cycle_alerts a WHERE a.project_id = $1 AND a.id::text = $2`,
);

export async function getCycleAlert(db: Executor, projectId: string, id: string): Promise<CycleAlert | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toAlert(row) : null;
}

const FIND = statement(
  'cycles.find',
  `SELECT ${COLUMNS} FROM cycle_alerts a WHERE a.project_id = $1 AND a.environment = $2 AND md5(a.path::text) = md5($3::jsonb::text)
     AND a.path = $3::jsonb`,
);

/** @param path from its smallest key on */
export async function findCycleAlert(
  db: Executor,
  projectId: string,
  environment: string | null,
  path: readonly string[],
): Promise<CycleAlert | null> {
  const [row] = await db.query<CamelRow>(FIND, [projectId, environment ?? '', JSON.stringify(path)]);
  return row ? toAlert(row) : null;
}

const LIST = statement(
  'cycles.list',
  `SELECT ${COLUMNS} FROM cycle_alerts a WHERE a.project_id = $1 AND ($2::text[] IS NULL OR a.status = ANY ($2))
   ORDER BY a.detected_at DESC, a.id DESC LIMIT $3 OFFSET $4`,
);
const COUNT = statement(
  'cycles.count',
  'SELECT count(*)::integer AS total FROM cycle_alerts a WHERE a.project_id = $1 AND ($2::text[] IS NULL OR a.status = ANY ($2))',
);

/** The newest first. @param statuses null for all */
export async function listCycleAlerts(
  db: Executor,
  projectId: string,
  statuses: readonly CycleAlertStatus[] | null,
  limit: number,
  offset: number,
): Promise<{ items: CycleAlert[]; total: number }> {
  const rows = await db.query<CamelRow>(LIST, [projectId, statuses, limit, offset]);
  const [counted] = await db.query<{ total: number }>(COUNT, [projectId, statuses]);
  return { items: rows.map(toAlert), total: counted?.total ?? 0 };
}

const ALL = statement(
  'cycles.all',
  `SELECT ${COLUMNS} FROM cycle_alerts a WHERE a.project_id = $1 ORDER BY a.detected_at, a.id`,
);

/** Those of every status, as a detection needs them. The caller holds the map. */
export async function allCycleAlerts(tx: Transaction, projectId: string): Promise<CycleAlert[]> {
  return (await tx.query<CamelRow>(ALL, [projectId])).map(toAlert);
}

const INSERT = statement(
  'cycles.insert',
  `INSERT INTO cycle_alerts AS a (project_id, id, environment, path, detected_at)
   SELECT $1, r.id, r.environment, r.path, $3 FROM json_to_recordset($2::json) AS r (id uuid, environment text, path jsonb)`,
);

/** The caller holds the map. */
export async function insertCycleAlerts(
  tx: Transaction,
  projectId: string,
  alerts: readonly { id: string; environment: string | null; path: readonly string[] }[],
  at: Date,
): Promise<void> {
  if (alerts.length === 0) return;
  const rows = alerts.map(({ environment, ...alert }) => ({ ...alert, environment: environment ?? '' }));
  await tx.query(INSERT, [projectId, JSON.stringify(rows), at]);
}

const REOPEN = statement(
  'cycles.reopen',
  `UPDATE cycle_alerts SET status = 'open', acknowledged_by = NULL, acknowledged_at = NULL, resolved_by = NULL, resolved_at = NULL,
     resolution_notes = NULL, detected_at = $3, times_detected = times_detected + 1, version = version + 1
   WHERE project_id = $1 AND id = ANY ($2::uuid[]) AND status = 'resolved'`,
);

/** The caller holds the map. */
export async function reopenCycleAlerts(
  tx: Transaction,
  projectId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  if (ids.length > 0) await tx.query(REOPEN, [projectId, ids, at]);
}

const ACKNOWLEDGE = statement(
  'cycles.acknowledge',
  `UPDATE cycle_alerts a SET status = 'acknowledged', acknowledged_by = $3, acknowledged_at = $4, version = version + 1
   WHERE a.project_id = $1 AND a.id = $2 AND a.status = 'open' RETURNING ${COLUMNS}`,
);
const RESOLVE = statement(
  'cycles.resolve',
  `UPDATE cycle_alerts a SET status = 'resolved', resolved_by = $3, resolved_at = $4, resolution_notes = $5, version = version + 1
   WHERE a.project_id = $1 AND a.id = ANY ($2::uuid[]) AND a.status <> 'resolved' RETURNING ${COLUMNS}`,
);

/** Null where it is not open. The caller holds the map. */
export async function acknowledgeCycleAlert(
  tx: Transaction,
  projectId: string,
  id: string,
  by: string,
  at: Date,
): Promise<CycleAlert | null> {
  const [row] = await tx.query<CamelRow>(ACKNOWLEDGE, [projectId, id, by, at]);
  return row ? toAlert(row) : null;
}

/** Those that were not resolved already. The caller holds the map. */
export async function resolveCycleAlerts(
  tx: Transaction,
  projectId: string,
  ids: readonly string[],
  { by, at, notes }: { by: string; at: Date; notes: string | null },
): Promise<CycleAlert[]> {
  if (ids.length === 0) return [];
  return (await tx.query<CamelRow>(RESOLVE, [projectId, ids, by, at, notes])).map(toAlert);
}

function toAlert(row: CamelRow): CycleAlert {
  return cycleAlertSchema.parse(camelRow(row));
}
