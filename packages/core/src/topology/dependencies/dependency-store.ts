import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { type Dependency, dependencySchema } from './dependency.ts';
import type { DependencyRow } from './merge-dependencies.ts';

const COLUMNS = `d.id, d.project_id, d.source_id, d.target_id, s.key AS source, t.key AS target, d.discovery_source,
  nullif(d.environment, '') AS environment, d.mode, d.criticality, d.protocol, d.timeout_ms, d.retry, d.confidence,
  d.last_observed_at, d.stale, d.created_at, d.updated_at`;
const ENDS = 'JOIN services s ON s.id = d.source_id JOIN services t ON t.id = d.target_id';
const FROM = `service_dependencies d ${ENDS}`;

const GET = statement('dependencies.get', `SELECT ${COLUMNS} FROM ${FROM} WHERE d.project_id = $1 AND d.id::text = $2`);

export async function getDependency(db: Executor, projectId: string, id: string): Promise<Dependency | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toDependency(row) : null;
}

/** Null lets all pass. */
export interface DependencyFilter {
  sourceId: string | null;
  targetId: string | null;
  discoverySource: string | null;
  stale: boolean | null;
}

const WHERE = `d.project_id = $1 AND ($2::uuid IS NULL OR d.source_id = $2) AND ($3::uuid IS NULL OR d.target_id = $3)
  AND ($4::text IS NULL OR d.discovery_source = $4) AND ($5::boolean IS NULL OR d.stale = $5)`;
const ORDER = 'ORDER BY d.last_observed_at DESC, d.id';
/** The page is cut out along the index before anything is joined to it. */
const LIST = statement(
  'dependencies.list',
  `SELECT ${COLUMNS} FROM (SELECT d.* FROM service_dependencies d WHERE ${WHERE} ${ORDER} LIMIT $6 OFFSET $7) d ${ENDS} ${ORDER}`,
);
const COUNT = statement(
  'dependencies.count',
  `SELECT count(*)::integer AS total FROM service_dependencies d WHERE ${WHERE}`,
);

/** Those that were seen last first. */
export async function listDependencies(
  db: Executor,
  projectId: string,
  { sourceId, targetId, discoverySource, stale }: DependencyFilter,
  limit: number,
  offset: number,
): Promise<{ items: Dependency[]; total: number }> {
  const filter = [projectId, sourceId, targetId, discoverySource, stale];
  const rows = await db.query<CamelRow>(LIST, [...filter, limit, offset]);
  const [counted] = await db.query<{ total: number }>(COUNT, filter);
  return { items: rows.map(toDependency), total: counted?.total ?? 0 };
}

const BY_ID = statement(
  'dependencies.by_id',
  `SELECT ${COLUMNS} FROM ${FROM} WHERE d.project_id = $1 AND d.id = ANY ($2::uuid[]) ORDER BY s.key, t.key, d.discovery_source, d.environment`,
);

/** By the keys of their services, then by source. */
export async function dependenciesById(db: Executor, projectId: string, ids: readonly string[]): Promise<Dependency[]> {
  if (ids.length === 0) return [];
  return (await db.query<CamelRow>(BY_ID, [projectId, ids])).map(toDependency);
}

const KNOWN = statement(
  'dependencies.known',
  `SELECT d.id, d.source_id, d.target_id, d.discovery_source, d.environment, d.mode, d.criticality, d.protocol, d.timeout_ms, d.retry,
     d.confidence, d.last_observed_at, d.stale
   FROM json_to_recordset($2::json) AS r ("sourceId" uuid, "targetId" uuid)
   JOIN service_dependencies d ON d.project_id = $1 AND d.source_id = r."sourceId" AND d.target_id = r."targetId"`,
);

/** All that is known between pairs of services. The caller holds the map. */
export async function knownDependencies(
  tx: Transaction,
  projectId: string,
  pairs: readonly { sourceId: string; targetId: string }[],
): Promise<DependencyRow[]> {
  if (pairs.length === 0) return [];
  const rows = await tx.query<CamelRow>(KNOWN, [projectId, JSON.stringify(pairs)]);
  return rows.map((row) => camelRow(row) as unknown as DependencyRow);
}

const WRITE = statement(
  'dependencies.write',
  `INSERT INTO service_dependencies (project_id, id, source_id, target_id, discovery_source, environment, mode, criticality, protocol,
     timeout_ms, retry, confidence, last_observed_at, stale)
   SELECT $1, r.id, r."sourceId", r."targetId", r."discoverySource", r.environment, r.mode, r.criticality, r.protocol, r."timeoutMs",
     r.retry, r.confidence, r."lastObservedAt", r.stale
   FROM json_to_recordset($2::json) AS r (id uuid, "sourceId" uuid, "targetId" uuid, "discoverySource" text, environment text, mode text,
     criticality text, protocol text, "timeoutMs" integer, retry jsonb, confidence double precision, "lastObservedAt" timestamptz,
     stale boolean)
   ON CONFLICT (project_id, source_id, target_id, discovery_source, environment) DO UPDATE SET mode = EXCLUDED.mode,
     criticality = EXCLUDED.criticality, protocol = EXCLUDED.protocol, timeout_ms = EXCLUDED.timeout_ms, retry = EXCLUDED.retry,
     confidence = EXCLUDED.confidence, last_observed_at = EXCLUDED.last_observed_at, stale = EXCLUDED.stale`,
);

/** Writes what merging came to. The caller holds the map. */
export async function writeDependencies(
  tx: Transaction,
  projectId: string,
  rows: readonly DependencyRow[],
): Promise<void> {
  if (rows.length > 0) await tx.query(WRITE, [projectId, JSON.stringify(rows)]);
}

const MARK = statement(
  'dependencies.mark_stale',
  `UPDATE service_dependencies SET stale = true
   WHERE project_id = $1 AND last_observed_at < $2 AND NOT stale AND ($3::text[] IS NULL OR discovery_source = ANY ($3)) RETURNING id`,
);

/** How many were marked: those seen last before that moment. @param sources null for all. The caller holds the map. */
export async function markStale(
  tx: Transaction,
  projectId: string,
  before: Date,
  sources: readonly string[] | null,
): Promise<number> {
  return (await tx.query(MARK, [projectId, before, sources])).length;
}

const REMOVE = statement('dependencies.remove', 'DELETE FROM service_dependencies WHERE project_id = $1 AND id = $2');

/** The caller holds the map. */
export async function removeDependency(tx: Transaction, projectId: string, id: string): Promise<void> {
  await tx.query(REMOVE, [projectId, id]);
}

/** What the graph in memory knows of a dependency. */
export interface MapEdge {
  id: string;
  source: string;
  target: string;
  /** Empty text: in every environment. */
  environment: string;
  confidence: number;
  stale: boolean;
}

const EDGES = statement(
  'dependencies.edges',
  `SELECT d.id, s.key AS source, t.key AS target, d.environment, d.confidence, d.stale FROM ${FROM} WHERE d.project_id = $1`,
);

/** The whole map, for the graph in memory. */
export function readMapEdges(db: Executor, projectId: string): Promise<MapEdge[]> {
  return db.query<MapEdge>(EDGES, [projectId]);
}

function toDependency(row: CamelRow): Dependency {
  return dependencySchema.parse(camelRow(row));
}
