import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import type { RelationshipType } from '../vocabulary/relationship-type.ts';
import type { FactData } from './merge-facts.ts';
import type { RelationshipChange, RelationshipRow } from './relationship-changes.ts';

const COLUMNS = `r.id, r.type, r.from_id, r.to_id, r.confidence, r.data, r.units, r.statements, r.scan_id, r.valid_from, r.valid_to,
  r.change_set_id`;

interface Row {
  id: string;
  type: RelationshipType;
  from_id: string;
  to_id: string;
  confidence: number | null;
  data: FactData;
  units: string[];
  statements: RelationshipRow['statements'];
  scan_id: string | null;
  valid_from: Date;
  valid_to: Date | null;
  change_set_id: string | null;
}

const READ = statement(
  'graph.relationships',
  `SELECT ${COLUMNS} FROM graph_relationships r WHERE r.project_id = $1 AND r.id = ANY ($2::text[])`,
);
const READ_OF_UNITS = statement(
  'graph.relationships_of',
  `SELECT ${COLUMNS} FROM graph_relationships r WHERE r.project_id = $1 AND r.units && $2::text[]`,
);

/** Those with these ids, and all of which one of these units says something, by id. */
export async function readRelationshipsToChange(
  db: Executor,
  projectId: string,
  ids: readonly string[],
  units: readonly string[],
): Promise<Map<string, RelationshipRow>> {
  const rows = await db.query<Row>(READ, [projectId, ids]);
  if (units.length > 0) rows.push(...(await db.query<Row>(READ_OF_UNITS, [projectId, units])));
  return new Map(rows.map((row) => [row.id, toRow(row)]));
}

const WRITE = statement(
  'graph.write_relationships',
  `INSERT INTO graph_relationships AS t (project_id, id, type, from_id, to_id, confidence, data, units, statements, scan_id, valid_from,
     valid_to, change_set_id, revision)
   SELECT $1, r.id, r.type, r."fromId", r."toId", r.confidence, r.data, r.units, r.statements, r."scanId", r."validFrom", r."validTo",
     r."changeSetId", $3
   FROM json_to_recordset($2::json) AS r (id text, type text, "fromId" text, "toId" text, confidence double precision, data jsonb,
     units text[], statements jsonb, "scanId" text, "validFrom" timestamptz, "validTo" timestamptz, "changeSetId" text)
   ON CONFLICT (project_id, id) DO UPDATE SET to_id = EXCLUDED.to_id, confidence = EXCLUDED.confidence, data = EXCLUDED.data,
     units = EXCLUDED.units, statements = EXCLUDED.statements, scan_id = EXCLUDED.scan_id, valid_from = EXCLUDED.valid_from,
     valid_to = EXCLUDED.valid_to, change_set_id = EXCLUDED.change_set_id, revision = EXCLUDED.revision, version = t.version + 1,
     updated_at = now()`,
);
const CLOSE = statement(
  'graph.close_segments',
  `INSERT INTO graph_segments (project_id, relationship_id, opened_at, closed_at, change_set_id)
   SELECT $1, s.id, s."openedAt", s."closedAt", s."changeSetId"
   FROM json_to_recordset($2::json) AS s (id text, "openedAt" timestamptz, "closedAt" timestamptz, "changeSetId" text)`,
);

/** Writes what {@link changeRelationship} came to. The caller holds the graph. */
export async function writeRelationships(
  tx: Transaction,
  projectId: string,
  changes: readonly RelationshipChange[],
  revision: number,
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(WRITE, [projectId, JSON.stringify(changes.map(({ row }) => row)), revision]);
  const closed = changes.flatMap(({ row: { id }, closed }) => (closed ? { id, ...closed } : []));
  if (closed.length > 0) await tx.query(CLOSE, [projectId, JSON.stringify(closed)]);
}

function toRow(row: Row): RelationshipRow {
  const { id, type, confidence, data, units, statements } = row;
  return {
    id,
    type,
    fromId: row.from_id,
    toId: row.to_id,
    confidence,
    data,
    units,
    statements,
    scanId: row.scan_id,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to?.toISOString() ?? null,
    changeSetId: row.change_set_id,
  };
}
