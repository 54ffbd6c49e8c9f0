import type { z } from 'zod';
import { type Executor, statement } from '../platform/database/index.ts';
import type { listSpecsSchema } from './spec.ts';

const ORDERS = {
  updated: "e.data->>'updated'",
  created: "e.data->>'created'",
  title: "lower(e.data->>'title')",
  priority: "array_position(ARRAY['low', 'medium', 'high', 'critical'], e.data->>'priority')",
} as const;

// position() in place of LIKE: what is looked for may have % and _ in it.
const WHERE = `e.project_id = $1 AND e.type = 'spec' AND e.valid_to IS NULL
  AND ($2::text[] IS NULL OR e.data->>'status' = ANY ($2)) AND ($3::text[] IS NULL OR e.data->>'priority' = ANY ($3))
  AND ($4::text IS NULL OR e.data->>'assignee' = $4) AND ($5::text[] IS NULL OR e.data->'tags' ?& $5)
  AND ($6::text IS NULL OR position(lower($6) IN
    lower(concat_ws(' ', e.data->>'title', e.data->>'description', e.data->>'acceptanceCriteria'))) > 0)`;
const COUNT = statement('specs.count', `SELECT count(*)::integer AS total FROM graph_entities e WHERE ${WHERE}`);
const LISTS = Object.fromEntries(
  Object.entries(ORDERS).flatMap(([field, order]) =>
    (['asc', 'desc'] as const).map((way) => [
      `${field} ${way}`,
      statement(
        `specs.list_${field}_${way}`,
        `SELECT e.id FROM graph_entities e WHERE ${WHERE} ORDER BY ${order} ${way}, e.id ${way} LIMIT $7 OFFSET $8`,
      ),
    ]),
  ),
);

/** Ids of specifications, in the order that is asked for; of equal ones by id. */
export async function listSpecIds(
  db: Executor,
  projectId: string,
  asked: z.output<typeof listSpecsSchema>,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ ids: string[]; total: number }> {
  const { status, priority, assignee, tags, search, sortBy, sortOrder } = asked;
  const values = [projectId, status ?? null, priority ?? null, assignee ?? null, tags ?? null, search ?? null];
  const list = LISTS[`${sortBy} ${sortOrder}`];
  const rows = list ? await db.query<{ id: string }>(list, [...values, limit, offset]) : [];
  const [counted] = await db.query<{ total: number }>(COUNT, values);
  return { ids: rows.map(({ id }) => id), total: counted?.total ?? 0 };
}
