import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';

/** What was forgotten, or would be. */
export interface ForgottenHistory {
  /** Times in which relationships held, before others in which they held or hold. */
  segments: number;
  /** Relationships that nobody states any more, with all their segments. */
  relationships: number;
  /** Versions of entities, before others. */
  versions: number;
}

// What a checkpoint includes stays as it was then.
const OLD = `included AS MATERIALIZED (
    SELECT r.to_id AS entity_id, c.id AS checkpoint, (c.data ->> 'timestamp')::timestamptz AS at
    FROM graph_relationships r JOIN graph_entities c ON c.project_id = r.project_id AND c.id = r.from_id AND c.type = 'checkpoint'
    WHERE r.project_id = $1 AND r.type = 'CHECKPOINT_INCLUDES' AND r.valid_to IS NULL
  ), segments AS MATERIALIZED (
    SELECT s.relationship_id AS id, s.opened_at FROM graph_segments s
    JOIN graph_relationships r ON r.project_id = s.project_id AND r.id = s.relationship_id
    WHERE s.project_id = $1 AND s.closed_at < $2 AND NOT EXISTS (
      SELECT FROM included a JOIN included b ON b.checkpoint = a.checkpoint
      WHERE a.entity_id = r.from_id AND b.entity_id = r.to_id AND s.opened_at <= a.at AND a.at < s.closed_at)
  ), relationships AS MATERIALIZED (
    SELECT r.id FROM graph_relationships r
    WHERE r.project_id = $1 AND r.valid_to < $2 AND cardinality(r.units) = 0
      AND NOT EXISTS (
        SELECT FROM included a JOIN included b ON b.checkpoint = a.checkpoint
        WHERE a.entity_id = r.from_id AND b.entity_id = r.to_id AND r.valid_from <= a.at AND a.at < r.valid_to)
      AND NOT EXISTS (
        SELECT FROM graph_segments s WHERE s.project_id = $1 AND s.relationship_id = r.id
          AND NOT EXISTS (SELECT FROM segments o WHERE o.id = s.relationship_id AND o.opened_at = s.opened_at))
  ), versions AS MATERIALIZED (
    SELECT v.entity_id, v.number FROM graph_entity_versions v
    WHERE v.project_id = $1 AND v.ended_at < $2
      AND EXISTS (SELECT FROM graph_entity_versions n
        WHERE n.project_id = $1 AND n.entity_id = v.entity_id AND n.number > v.number)
      AND NOT EXISTS (SELECT FROM included i WHERE i.entity_id = v.entity_id AND v.began_at <= i.at AND i.at < v.ended_at)
  )`;
const COUNTS = `(SELECT count(*)::integer FROM segments) AS segments, (SELECT count(*)::integer FROM relationships) AS relationships,
  (SELECT count(*)::integer FROM versions) AS versions`;

const COUNT = statement('graph.count_old', `WITH ${OLD} SELECT ${COUNTS}`);
const FORGET = statement(
  'graph.forget_old',
  `WITH ${OLD}, gone_segments AS (
     DELETE FROM graph_segments s USING segments o WHERE s.project_id = $1 AND s.relationship_id = o.id AND s.opened_at = o.opened_at
   ), gone_relationships AS (
     DELETE FROM graph_relationships r USING relationships o WHERE r.project_id = $1 AND r.id = o.id
   ), gone_versions AS (
     DELETE FROM graph_entity_versions v USING versions o WHERE v.project_id = $1 AND v.entity_id = o.entity_id AND v.number = o.number
   ) SELECT ${COUNTS}`,
);

export async function countOldHistory(db: Executor, projectId: string, before: Date): Promise<ForgottenHistory> {
  return only(await db.query<ForgottenHistory>(COUNT, [projectId, before]));
}

/** The caller holds the graph. */
export async function forgetOldHistory(tx: Transaction, projectId: string, before: Date): Promise<ForgottenHistory> {
  return only(await tx.query<ForgottenHistory>(FORGET, [projectId, before]));
}

function only([row]: readonly ForgottenHistory[]): ForgottenHistory {
  return row ?? { segments: 0, relationships: 0, versions: 0 };
}
