import { type Executor, statement } from '../../platform/database/index.ts';
import type { FactData } from '../ingest/merge-facts.ts';
import type { AssertedEntity, AssertedRelationship } from './asserted-item.ts';

// People's word stands among the statements where others speak too; else it is what the row says.
const ENTITIES = statement(
  'graph.asserted_entities',
  `SELECT e.id, coalesce(e.statements -> '' ->> 'type', e.type) AS type, coalesce(e.statements -> '' -> 'data', e.data) AS data
   FROM graph_entities e WHERE e.project_id = $1 AND e.units && '{""}'::text[] AND ($2::text[] IS NULL OR e.id = ANY ($2::text[]))
   ORDER BY e.id`,
);

/** What people say of entities: of all, or of these. */
export async function readAssertedEntities(
  db: Executor,
  projectId: string,
  ids: readonly string[] | null,
): Promise<AssertedEntity[]> {
  const rows = await db.query<{ id: string; type: string; data: Record<string, unknown> }>(ENTITIES, [projectId, ids]);
  return rows.map(({ id, type, data }) => ({ ...data, id, type }));
}

const RELATIONSHIPS = statement(
  'graph.asserted_relationships',
  `SELECT r.id, r.type, r.from_id, r.to_id, coalesce(r.statements -> '' -> 'fact', r.data) AS fact, r.valid_to
   FROM graph_relationships r WHERE r.project_id = $1 AND r.units && '{""}'::text[] AND ($2::text[] IS NULL OR r.id = ANY ($2::text[]))
     AND (r.valid_to IS NULL OR r.valid_to > $3) ORDER BY r.id`,
);

/** What people say of relationships that hold: of all, or of these. One whose time is over is history. */
export async function readAssertedRelationships(
  db: Executor,
  projectId: string,
  ids: readonly string[] | null,
  now: Date,
): Promise<AssertedRelationship[]> {
  const rows = await db.query<{
    id: string;
    type: string;
    from_id: string;
    to_id: string;
    fact: FactData;
    valid_to: Date | null;
  }>(RELATIONSHIPS, [projectId, ids, now]);
  return rows.map(({ id, type, from_id: from, to_id: to, fact, valid_to }) => ({
    ...fact,
    ...(valid_to === null ? {} : { validTo: valid_to.toISOString() }),
    ...{ id, type, from, to },
  }));
}

const CHANGED = {
  entity: statement(
    'graph.entities_changed',
    'SELECT t.id, t.updated_at AS at FROM graph_entities t WHERE t.project_id = $1 AND t.id = ANY ($2::text[])',
  ),
  relationship: statement(
    'graph.relationships_changed',
    'SELECT t.id, t.updated_at AS at FROM graph_relationships t WHERE t.project_id = $1 AND t.id = ANY ($2::text[])',
  ),
};

/** When these last changed, ISO 8601, by id: those that there are or were. */
export async function readLastChanges(
  db: Executor,
  projectId: string,
  kind: keyof typeof CHANGED,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.query<{ id: string; at: Date }>(CHANGED[kind], [projectId, ids]);
  return new Map(rows.map(({ id, at }) => [id, at.toISOString()]));
}

/** What the indexers tell of: it comes and goes with files. */
const OF_FILES = ['file', 'directory', 'module', 'symbol', 'test', 'documentation'];

const STAYING = statement(
  'graph.staying_entities',
  `SELECT n.id FROM unnest($2::text[]) AS n (id) LEFT JOIN graph_entities e ON e.project_id = $1 AND e.id = n.id
   WHERE e.id IS NULL OR e.units <> '{}' AND e.units <> '{""}' OR e.units = '{}' AND e.type = ANY ($3::text[])`,
);

/** Those of which others than people tell, of which only the name is known, or that come and go with files. */
export async function findStaying(db: Executor, projectId: string, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(STAYING, [projectId, ids, OF_FILES]);
  return new Set(rows.map(({ id }) => id));
}
