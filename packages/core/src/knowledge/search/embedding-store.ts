import { type Executor, statement } from '../../platform/database/index.ts';
import type { KnownEntity } from '../history/timeline.ts';

const DUE = statement(
  'graph.embeddings_due',
  `SELECT e.id, e.type, e.data, e.version FROM graph_entities e
   LEFT JOIN graph_embeddings v ON v.project_id = e.project_id AND v.entity_id = e.id AND v.space = $2
   WHERE e.project_id = $1 AND e.valid_to IS NULL AND e.id > $3 AND (v.version IS NULL OR v.version <> e.version)
   ORDER BY e.id LIMIT $4`,
);

export interface DueEntity {
  entity: KnownEntity['entity'];
  version: number;
}

/** Entities that have no vector of this space yet, or one of what they were before; by id, after one of them. */
export async function entitiesToEmbed(
  db: Executor,
  projectId: string,
  space: string,
  { after, limit }: { after: string; limit: number },
): Promise<DueEntity[]> {
  const values = [projectId, space, after, limit];
  const rows = await db.query<{ id: string; type: KnownEntity['entity']['type']; data: object; version: number }>(
    DUE,
    values,
  );
  return rows.map(({ id, type, data, version }) => ({ entity: { ...data, id, type }, version }));
}

// An entity may have been forgotten since it was read, and embedded as what it became by somebody who was faster.
const WRITE = statement(
  'graph.write_embeddings',
  `INSERT INTO graph_embeddings (project_id, space, entity_id, version, vector)
   SELECT $1, $2, v.id, v.version, v.vector FROM json_to_recordset($3::json) AS v (id text, version integer, vector real[])
   WHERE EXISTS (SELECT FROM graph_entities e WHERE e.project_id = $1 AND e.id = v.id)
   ON CONFLICT (project_id, space, entity_id) DO UPDATE SET version = EXCLUDED.version, vector = EXCLUDED.vector,
     stamp = DEFAULT WHERE graph_embeddings.version < EXCLUDED.version`,
);

export async function writeEmbeddings(
  db: Executor,
  projectId: string,
  space: string,
  rows: readonly { id: string; version: number; vector: readonly number[] }[],
): Promise<void> {
  await db.query(WRITE, [projectId, space, JSON.stringify(rows)]);
}

const STAMP = statement(
  'graph.embeddings_stamp',
  'SELECT count(*)::integer AS count, coalesce(sum(v.stamp), 0)::text AS stamp FROM graph_embeddings v WHERE v.project_id = $1 AND v.space = $2',
);

/** Another one whenever a vector came, changed or went: also one that was written before the last one, and is seen only now. */
export async function embeddingsStamp(db: Executor, projectId: string, space: string): Promise<string> {
  const [row] = await db.query<{ count: number; stamp: string }>(STAMP, [projectId, space]);
  return `${row?.count ?? 0}:${row?.stamp ?? 0}`;
}

const PASSING = statement(
  'graph.passing_entities',
  `SELECT e.id FROM graph_entities e
   WHERE e.project_id = $1 AND e.id = ANY ($2::text[]) AND e.valid_to IS NULL
     AND (cardinality($3::text[]) = 0 OR e.type = ANY ($3)) AND ($4::text IS NULL OR e.data->>'language' = $4)`,
);

/** Those of these entities that there are now, of one of these types (none: any), in that language. */
export async function passingEntities(
  db: Executor,
  projectId: string,
  ids: readonly string[],
  { types, language }: { types: readonly string[]; language: string | undefined },
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ id: string }>(PASSING, [projectId, ids, types, language ?? null]);
  return new Set(rows.map(({ id }) => id));
}

const AT_ONCE = 2_000;
const READ = statement(
  'graph.embeddings',
  'SELECT v.entity_id AS id, v.vector FROM graph_embeddings v WHERE v.project_id = $1 AND v.space = $2 AND v.entity_id > $3 ORDER BY v.entity_id LIMIT $4',
);

/** All vectors of a space, by entity, a page at a time. */
export async function* readEmbeddings(
  db: Executor,
  projectId: string,
  space: string,
): AsyncGenerator<{ id: string; vector: number[] }> {
  for (let after = '', full = true; full; ) {
    const rows = await db.query<{ id: string; vector: number[] }>(READ, [projectId, space, after, AT_ONCE]);
    yield* rows;
    full = rows.length === AT_ONCE;
    after = rows.at(-1)?.id ?? after;
  }
}
