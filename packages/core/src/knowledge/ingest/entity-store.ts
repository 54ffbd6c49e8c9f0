import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { EntityChange, EntityRow } from './entity-changes.ts';

const COLUMNS = 'e.id, e.type, e.data, e.units, e.statements, e.valid_from, e.valid_to';

interface Row {
  id: string;
  type: EntityRow['type'];
  data: Record<string, unknown>;
  units: string[];
  statements: EntityRow['statements'];
  valid_from: Date;
  valid_to: Date | null;
}

const READ = statement(
  'graph.entities',
  `SELECT ${COLUMNS} FROM graph_entities e WHERE e.project_id = $1 AND e.id = ANY ($2::text[])`,
);
const READ_OF_UNITS = statement(
  'graph.entities_of',
  `SELECT ${COLUMNS} FROM graph_entities e WHERE e.project_id = $1 AND e.units && $2::text[]`,
);

/** Those with these ids, and all of which one of these units says something, by id. */
export async function readEntitiesToChange(
  db: Executor,
  projectId: string,
  ids: readonly string[],
  units: readonly string[],
): Promise<Map<string, EntityRow>> {
  const rows = await db.query<Row>(READ, [projectId, ids]);
  if (units.length > 0) rows.push(...(await db.query<Row>(READ_OF_UNITS, [projectId, units])));
  return new Map(rows.map((row) => [row.id, toRow(row)]));
}

const WRITE = statement(
  'graph.write_entities',
  `INSERT INTO graph_entities AS e (project_id, id, type, data, units, statements, valid_from, valid_to, revision)
   SELECT $1, r.id, r.type, r.data, r.units, r.statements, r."validFrom", r."validTo", $3
   FROM json_to_recordset($2::json) AS r (id text, type text, data jsonb, units text[], statements jsonb, "validFrom" timestamptz,
     "validTo" timestamptz)
   ON CONFLICT (project_id, id) DO UPDATE SET type = EXCLUDED.type, data = EXCLUDED.data, units = EXCLUDED.units,
     statements = EXCLUDED.statements, valid_to = EXCLUDED.valid_to, revision = EXCLUDED.revision, version = e.version + 1, updated_at = now()`,
);
const END_VERSIONS = statement(
  'graph.end_versions',
  `UPDATE graph_entity_versions v SET ended_at = greatest(v.began_at, $3::timestamptz), data = r.ends
   FROM json_to_recordset($2::json) AS r (id text, ends jsonb)
   WHERE v.project_id = $1 AND v.entity_id = r.id AND v.ended_at IS NULL`,
);
const BEGIN_VERSIONS = statement(
  'graph.begin_versions',
  `INSERT INTO graph_entity_versions (project_id, entity_id, number, hash, path, language, began_at, change_set_id)
   SELECT $1, r.id, coalesce(l.number, 0) + 1, r.hash, r.path, r.language, greatest(l.ended_at, $3::timestamptz), $4
   FROM json_to_recordset($2::json) AS r (id text, hash text, path text, language text)
   LEFT JOIN LATERAL (
     SELECT v.number, v.ended_at FROM graph_entity_versions v WHERE v.project_id = $1 AND v.entity_id = r.id
     ORDER BY v.number DESC LIMIT 1) l ON true`,
);

/** Writes what {@link changeEntity} came to, with the versions that end and begin. The caller holds the graph. */
export async function writeEntities(
  tx: Transaction,
  projectId: string,
  changes: readonly EntityChange[],
  { revision, at, changeSetId }: { revision: number; at: Date; changeSetId: string | null },
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(WRITE, [projectId, JSON.stringify(changes.map(({ row }) => row)), revision]);
  const ends = changes.flatMap(({ row: { id }, ends }) => (ends ? { id, ends } : []));
  if (ends.length > 0) await tx.query(END_VERSIONS, [projectId, JSON.stringify(ends), at]);
  const begins = changes.flatMap(({ row: { id }, begins }) => (begins ? { id, ...begins } : []));
  if (begins.length > 0) await tx.query(BEGIN_VERSIONS, [projectId, JSON.stringify(begins), at, changeSetId]);
}

function toRow({ valid_from, valid_to, ...row }: Row): EntityRow {
  return { ...row, validFrom: valid_from.toISOString(), validTo: valid_to?.toISOString() ?? null };
}
