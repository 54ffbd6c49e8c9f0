import { camelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import type { Release, Seal, SealedPosition, SealedRow } from './seal.ts';

const AT = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
/** What a row says beside its id and time. */
const CONTENT = `e.project_id, e.actor, e.actor_role, e.action, e.subject_type, e.subject_id, e.version_before, e.version_after,
  e.changes::text AS changes, e.details::text AS details, e.trace_id`;
const ROW = `e.id, ${AT('e.at')} AS at, ${CONTENT}`;

const projects = statement(
  'audit.unsealed_projects',
  'SELECT DISTINCT project_id FROM audit_inbox ORDER BY project_id',
);

/** Projects that have rows to seal. */
export async function unsealedProjects(executor: Executor): Promise<string[]> {
  return (await executor.query<{ project_id: string }>(projects)).map((row) => row.project_id);
}

const lock = statement('audit.seal_lock', `SELECT pg_advisory_xact_lock(hashtext('signalbox.audit'), hashtext($1))`);

/** Waits until nobody else seals this project; until the end of the transaction. */
export async function lockChain(tx: Transaction, projectId: string): Promise<void> {
  await tx.query(lock, [projectId]);
}

const unsealed = statement(
  'audit.unsealed',
  `SELECT ${ROW} FROM audit_inbox i JOIN audit_events e ON e.at = i.at AND e.id = i.id
   WHERE i.project_id = $1 AND e.project_id IS NOT DISTINCT FROM i.project_id AND NOT EXISTS (SELECT FROM audit_positions p WHERE p.project_id = i.project_id AND p.id = i.id)
   ORDER BY i.at, i.id LIMIT $2`,
);

/** The next rows to seal, by time and id. */
export async function unsealedRows(executor: Executor, projectId: string, limit: number): Promise<SealedRow[]> {
  return (await executor.query(unsealed, [projectId, limit])).map((row) => camelRow(row) as unknown as SealedRow);
}

const insertPositions = statement(
  'audit.insert_positions',
  `WITH placed AS (
     INSERT INTO audit_positions (project_id, position, at, id, leaf)
     SELECT $1, x.position, x.at, x.id, x.leaf
     FROM unnest($2::bigint[], $3::timestamptz[], $4::uuid[], $5::bytea[]) AS x (position, at, id, leaf)
   )
   DELETE FROM audit_inbox i USING unnest($3::timestamptz[], $4::uuid[]) AS x (at, id)
   WHERE i.project_id = $1 AND i.at = x.at AND i.id = x.id`,
);

/** Gives rows their positions and takes them out of the inbox. */
export async function placeRows(
  tx: Transaction,
  projectId: string,
  positions: readonly SealedPosition[],
): Promise<void> {
  await tx.query(insertPositions, [
    projectId,
    positions.map(({ position }) => position),
    positions.map(({ at }) => at),
    positions.map(({ id }) => id),
    positions.map(({ leaf }) => leaf),
  ]);
}

const insertSealStatement = statement(
  'audit.insert_seal',
  `INSERT INTO audit_seals (project_id, number, first_position, count, merkle_root, previous_seal, seal, key_id, sealed_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

export async function insertSeal(tx: Transaction, seal: Seal): Promise<void> {
  await tx.query(insertSealStatement, [
    seal.projectId,
    seal.number,
    seal.firstPosition,
    seal.count,
    seal.merkleRoot,
    seal.previousSeal,
    seal.seal,
    seal.keyId,
    seal.sealedAt,
  ]);
}

const SEAL = 'project_id, number, first_position, count, merkle_root, previous_seal, seal, key_id, sealed_at';
const last = statement(
  'audit.last_seal',
  `SELECT ${SEAL} FROM audit_seals WHERE project_id = $1 ORDER BY number DESC LIMIT 1`,
);
const page = statement(
  'audit.seals',
  `SELECT ${SEAL} FROM audit_seals WHERE project_id = $1 AND number > $2 ORDER BY number LIMIT $3`,
);

export async function lastSeal(executor: Executor, projectId: string): Promise<Seal | null> {
  const [row] = await executor.query(last, [projectId]);
  return row ? toSeal(row) : null;
}

export async function sealsAfter(
  executor: Executor,
  projectId: string,
  number: number,
  limit: number,
): Promise<Seal[]> {
  return (await executor.query(page, [projectId, number, limit])).map(toSeal);
}

function toSeal(row: Record<string, unknown>): Seal {
  const seal = camelRow(row) as unknown as Seal;
  return { ...seal, number: Number(row.number), firstPosition: Number(row.first_position) };
}

// Rows are joined by their key alone: given the project too, a planner without statistics takes an index that finds a whole
// instant's rows for each one. A row of another project is noticed by its digest.

/** A position of the chain, and the row that stands there now; null when there is none. */
export interface PlacedRow extends SealedPosition {
  row: SealedRow | null;
}

const placed = statement(
  'audit.placed',
  `SELECT p.position, ${AT('p.at')} AS at, p.id, p.leaf, e.id IS NOT NULL AS found, ${CONTENT} FROM audit_positions p
   LEFT JOIN audit_events e ON e.at = p.at AND e.id = p.id
   WHERE p.project_id = $1 AND p.position BETWEEN $2 AND $3 ORDER BY p.position`,
);

export async function placedRows(
  executor: Executor,
  projectId: string,
  first: number,
  last: number,
): Promise<PlacedRow[]> {
  type Row = { position: string; at: string; id: string; leaf: Buffer; found: boolean };
  const rows = await executor.query<Row>(placed, [projectId, first, last]);
  return rows.map(({ position, leaf, found, ...row }) => ({
    position: Number(position),
    at: row.at,
    id: row.id,
    leaf,
    row: found ? (camelRow(row) as unknown as SealedRow) : null,
  }));
}

/** A row or position that has no business where it is. */
export interface StrayRow {
  id: string;
  at: string;
  position: number | null;
}

const strays = {
  /** Audit rows that neither the chain nor the inbox knows. */
  events: statement(
    'audit.stray_events',
    `SELECT e.id, ${AT('e.at')} AS at, NULL AS position FROM audit_events e WHERE e.project_id = $1
       AND NOT EXISTS (SELECT FROM audit_positions p WHERE p.project_id = e.project_id AND p.at = e.at AND p.id = e.id)
       AND NOT EXISTS (SELECT FROM audit_inbox i WHERE i.project_id = e.project_id AND i.at = e.at AND i.id = e.id)
     ORDER BY e.at, e.id LIMIT $2`,
  ),
  /** Rows that wait for their seal and are gone. */
  inbox: statement(
    'audit.stray_inbox',
    `SELECT i.id, ${AT('i.at')} AS at, NULL AS position FROM audit_inbox i WHERE i.project_id = $1
       AND NOT EXISTS (SELECT FROM audit_events e WHERE e.at = i.at AND e.id = i.id AND e.project_id IS NOT DISTINCT FROM i.project_id)
     ORDER BY i.at, i.id LIMIT $2`,
  ),
} as const;

export async function strayRows(
  executor: Executor,
  kind: keyof typeof strays,
  projectId: string,
  limit: number,
): Promise<StrayRow[]> {
  return (await executor.query(strays[kind], [projectId, limit])).map((row) => camelRow(row) as unknown as StrayRow);
}

const beyond = statement(
  'audit.stray_positions',
  `SELECT p.id, ${AT('p.at')} AS at, p.position FROM audit_positions p WHERE p.project_id = $1
     AND (p.position > $3 OR p.position < 1) ORDER BY p.position LIMIT $2`,
);

/** Positions that no seal covers. */
export async function unsealedPositions(
  executor: Executor,
  projectId: string,
  lastPosition: number,
  limit: number,
): Promise<StrayRow[]> {
  const rows = await executor.query(beyond, [projectId, limit, lastPosition]);
  return rows.map((row) => ({ ...(camelRow(row) as unknown as StrayRow), position: Number(row.position) }));
}

const waiting = statement('audit.waiting', 'SELECT count(*) AS count FROM audit_inbox WHERE project_id = $1');
const oldest = statement('audit.oldest_unsealed', 'SELECT min(at) AS at FROM audit_inbox');

/** How many rows of the project wait for their seal. */
export async function countUnsealed(executor: Executor, projectId: string): Promise<number> {
  const [row] = await executor.query<{ count: string }>(waiting, [projectId]);
  return Number(row?.count);
}

/** When the oldest row of any project that waits for its seal was written; null when none waits. */
export async function oldestUnsealed(executor: Executor): Promise<Date | null> {
  const [row] = await executor.query<{ at: Date | null }>(oldest);
  return row?.at ?? null;
}

const release = statement(
  'audit.insert_release',
  'INSERT INTO audit_releases (dropped_before, released_at, seal, key_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
);
const releases = statement(
  'audit.releases',
  'SELECT dropped_before, released_at, seal, key_id FROM audit_releases ORDER BY dropped_before',
);

export async function insertRelease(
  tx: Transaction,
  { droppedBefore, releasedAt, seal, keyId }: Release,
): Promise<void> {
  await tx.query(release, [droppedBefore, releasedAt, seal, keyId]);
}

export async function listReleases(executor: Executor): Promise<Release[]> {
  return (await executor.query(releases)).map((row) => camelRow(row) as unknown as Release);
}
