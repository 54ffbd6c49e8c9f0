import type { z } from 'zod';
import { type Executor, statement } from '../../platform/database/index.ts';
import type { FoundEntities, FoundEntity, searchGraphSchema } from './entity-search.ts';

// position() in place of LIKE: what is looked for may have % and _ in it.
const SEARCH = statement(
  'graph.search',
  `WITH named AS (
     SELECT e.id, e.type, e.data->>'kind' AS kind, coalesce(e.data->>'name', e.data->>'title', e.data->'metadata'->>'name') AS name,
       e.data->>'path' AS path, e.data->>'signature' AS signature
     FROM graph_entities e
     WHERE e.project_id = $1 AND e.valid_to IS NULL
       AND (cardinality($3::text[]) = 0 OR e.type = ANY ($3) OR (e.type = 'symbol' AND e.data->>'kind' = ANY ($3)))
       AND ($4::text IS NULL OR e.data->>'language' = $4)
       AND ($5::text IS NULL OR e.data->>'path' = $5 OR starts_with(e.data->>'path', $5 || '/'))),
   scored AS (
     SELECT n.*, CASE
         WHEN n.name = $2 THEN 1
         WHEN n.type IN ('file', 'directory') AND n.path = $2 THEN 1
         WHEN regexp_replace(n.name, '^.*[.]', '') = $2 THEN 0.95
         WHEN lower(n.name) = lower($2) THEN 0.9
         WHEN lower(regexp_replace(n.name, '^.*[.]', '')) = lower($2) THEN 0.85
         WHEN starts_with(lower(n.name), lower($2)) THEN 0.7
         WHEN position(lower($2) IN lower(n.name)) > 0 THEN 0.6
         WHEN n.type IN ('file', 'directory', 'documentation', 'module') AND position(lower($2) IN lower(n.path)) > 0 THEN 0.5
         WHEN position(lower($2) IN lower(n.signature)) > 0 THEN 0.3
       END::double precision AS relevance
     FROM named n)
   SELECT id, type, kind, name, path, signature, relevance FROM scored WHERE relevance IS NOT NULL
   ORDER BY relevance DESC, length(name), id LIMIT $6`,
);

const OF_SIGNATURE = 0.3;

/** By names first, then by paths, then by signatures. */
export async function searchEntities(
  db: Executor,
  projectId: string,
  asked: z.output<typeof searchGraphSchema>,
): Promise<FoundEntities> {
  const { query, limit } = asked;
  const rows = await db.query<Omit<FoundEntity, 'matched'>>(SEARCH, valuesOf(projectId, asked));
  const results = rows.slice(0, limit).map((row): FoundEntity => ({ ...row, matched: matchOf(row, query) }));
  return { results, truncated: rows.length > limit };
}

// The words of an entity: names as they are written, and apart where they are joined by capitals.
const TEXTS = statement(
  'graph.search_texts',
  `WITH said AS (
     SELECT e.id, e.type, e.data->>'kind' AS kind, coalesce(e.data->>'name', e.data->>'title', e.data->'metadata'->>'name') AS name,
       e.data->>'path' AS path, e.data->>'signature' AS signature,
       to_tsvector('simple', concat_ws(' ', e.data->>'name', regexp_replace(e.data->>'name', '([a-z0-9])([A-Z])', '\\1 \\2', 'g'),
         e.data->>'title', e.data->>'docstring', e.data->>'description', left(e.data->>'content', 100000))) AS words
     FROM graph_entities e
     WHERE e.project_id = $1 AND e.valid_to IS NULL
       AND (cardinality($3::text[]) = 0 OR e.type = ANY ($3) OR (e.type = 'symbol' AND e.data->>'kind' = ANY ($3)))
       AND ($4::text IS NULL OR e.data->>'language' = $4)
       AND ($5::text IS NULL OR e.data->>'path' = $5 OR starts_with(e.data->>'path', $5 || '/')))
   SELECT s.id, s.type, s.kind, s.name, s.path, s.signature, ts_rank(s.words, q, 32)::double precision AS relevance
   FROM said s, websearch_to_tsquery('simple', $2) AS q WHERE s.words @@ q
   ORDER BY relevance DESC, s.id LIMIT $6`,
);

/** By the words of names, comments and documents: all of them, or as the text says by quotes, `or` and a minus. */
export async function searchTexts(
  db: Executor,
  projectId: string,
  asked: z.output<typeof searchGraphSchema>,
): Promise<FoundEntities> {
  const rows = await db.query<Omit<FoundEntity, 'matched'>>(TEXTS, valuesOf(projectId, asked));
  const results = rows.slice(0, asked.limit).map((row): FoundEntity => ({ ...row, matched: 'text' }));
  return { results, truncated: rows.length > asked.limit };
}

function valuesOf(
  projectId: string,
  { query, entityTypes, language, path, limit }: z.output<typeof searchGraphSchema>,
): unknown[] {
  return [projectId, query, entityTypes, language ?? null, path?.replace(/\/+$/, '') ?? null, limit + 1];
}

function matchOf({ relevance, name }: Omit<FoundEntity, 'matched'>, query: string): FoundEntity['matched'] {
  if (relevance === OF_SIGNATURE) return 'signature';
  return name?.toLowerCase().includes(query.toLowerCase()) ? 'name' : 'path';
}
