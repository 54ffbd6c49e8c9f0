import type { Core } from '@signalbox/core';

/** What holds now and is reached by so many hops, as SQL has it; a node by each of its depths once. */
const REACHED = {
  name: 'bench.reached',
  text: `WITH RECURSIVE reached (id, depth) AS (
      SELECT $2::text COLLATE "C", 0
      UNION SELECT r.to_id, d.depth + 1 FROM reached d JOIN graph_relationships r ON r.project_id = $1 AND r.from_id = d.id
        AND r.valid_to IS NULL
      WHERE d.depth < $3)
    SELECT DISTINCT id FROM reached`,
};

export async function reachInSql(
  { database }: Core,
  projectId: string,
  start: string,
  hops: number,
): Promise<string[]> {
  return (await database.query<{ id: string }>(REACHED, [projectId, start, hops])).map(({ id }) => id);
}
