import { type Executor, statement } from '../../platform/database/index.ts';

// Of all that is said: for what is rarely asked.
const BELOW = statement(
  'graph.units_below',
  `SELECT DISTINCT u.unit FROM (
     SELECT e.units FROM graph_entities e WHERE e.project_id = $1
     UNION ALL SELECT r.units FROM graph_relationships r WHERE r.project_id = $1 AND r.valid_to IS NULL) AS said,
     unnest(said.units) AS u (unit)
   WHERE starts_with(u.unit, $2)`,
);

/** Units that say something, and whose names begin with this. */
export async function readUnitsBelow(db: Executor, projectId: string, prefix: string): Promise<string[]> {
  return (await db.query<{ unit: string }>(BELOW, [projectId, prefix])).map(({ unit }) => unit);
}
