import { type Executor, statement } from '../../platform/database/index.ts';
import type { RelationshipType } from '../vocabulary/relationship-type.ts';
import type { EdgeRecord, RelationshipEdges } from './edge-record.ts';

/** Relationships read by one statement. */
const AT_ONCE = 50_000;

// Segments before the last one come as arrays beside it, so that a relationship is one row.
const SEGMENTS = `LEFT JOIN LATERAL (
     SELECT array_agg(extract(epoch FROM s.opened_at) * 1000 ORDER BY s.opened_at)::double precision[] AS opened,
       array_agg(extract(epoch FROM s.closed_at) * 1000 ORDER BY s.opened_at)::double precision[] AS closed
     FROM graph_segments s WHERE s.project_id = r.project_id AND s.relationship_id = r.id) s ON true`;
const COLUMNS = 'r.id, r.type, r.from_id, r.to_id, r.confidence, r.valid_from, r.valid_to, s.opened, s.closed';

interface Row {
  id: string;
  type: RelationshipType;
  from_id: string;
  to_id: string;
  confidence: number | null;
  valid_from: Date;
  valid_to: Date | null;
  opened: number[] | null;
  closed: number[] | null;
}

const ALL = statement(
  'graph.edges',
  `SELECT ${COLUMNS} FROM graph_relationships r ${SEGMENTS} WHERE r.project_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3`,
);

/** All relationships of a project with all times in which they hold, a page at a time. */
export async function* readAllEdges(db: Executor, projectId: string): AsyncGenerator<RelationshipEdges> {
  for (let after = '', full = true; full; ) {
    const rows = await db.query<Row>(ALL, [projectId, after, AT_ONCE]);
    yield* rows.map(toEdges);
    full = rows.length === AT_ONCE;
    after = rows.at(-1)?.id ?? after;
  }
}

const SINCE = statement(
  'graph.edges_since',
  `SELECT ${COLUMNS} FROM graph_relationships r ${SEGMENTS} WHERE r.project_id = $1 AND r.revision > $2`,
);

/** Those that changed after a revision. */
export async function readEdgesSince(db: Executor, projectId: string, after: number): Promise<RelationshipEdges[]> {
  return (await db.query<Row>(SINCE, [projectId, after])).map(toEdges);
}

function toEdges({ id, type, from_id: from, to_id: to, ...row }: Row): RelationshipEdges {
  const same = { id, type, from, to, confidence: row.confidence ?? 1 };
  const { opened, closed } = row;
  const earlier = (opened ?? []).map(
    (validFrom, n): EdgeRecord => ({ ...same, validFrom, validTo: closed?.[n] ?? validFrom }),
  );
  const validTo = row.valid_to?.getTime() ?? Number.POSITIVE_INFINITY;
  return { id, from, edges: [...earlier, { ...same, validFrom: row.valid_from.getTime(), validTo }] };
}
