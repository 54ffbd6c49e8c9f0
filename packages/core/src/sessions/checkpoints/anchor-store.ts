import { type Executor, statement, type Transaction } from '../../platform/database/index.ts';
import { ANCHORS_KEPT, type Anchor, type AnchorKeeper, anchorSchema } from './anchor.ts';

// One row per entity, so that of two checkpoints at once the second sees what the first has kept. In the order of the entities,
// so that two of them never wait for each other in a ring. A checkpoint that is kept again takes its place and no second one.
const KEEP = statement(
  'anchors.keep',
  `INSERT INTO session_anchors AS a (project_id, entity_id, anchors)
   SELECT $1::uuid, e.id, jsonb_build_array($3::jsonb) FROM unnest($2::text[]) AS e (id) ORDER BY e.id
   ON CONFLICT (project_id, entity_id) DO UPDATE SET anchors = (
     SELECT jsonb_agg(kept.anchor ORDER BY kept.anchor ->> 'timestamp', kept.n) FROM (
       SELECT x.anchor, x.n FROM jsonb_array_elements(a.anchors || excluded.anchors) WITH ORDINALITY AS x (anchor, n)
       WHERE x.n > jsonb_array_length(a.anchors) OR x.anchor -> 'checkpointId' <> excluded.anchors -> 0 -> 'checkpointId'
       ORDER BY x.anchor ->> 'timestamp' DESC, x.n DESC LIMIT ${ANCHORS_KEPT}) kept)`,
);

export const anchorTable: AnchorKeeper = {
  keep: async (tx, projectId, entityIds, anchor) => {
    if (entityIds.length > 0) await tx.query(KEEP, [projectId, entityIds, JSON.stringify(anchor)]);
  },
};

const GET = statement('anchors.get', 'SELECT anchors FROM session_anchors WHERE project_id = $1 AND entity_id = $2');

/** The newest last; none where nothing touched it. */
export async function getAnchors(db: Executor, projectId: string, entityId: string): Promise<Anchor[]> {
  const [row] = await db.query<{ anchors: unknown[] }>(GET, [projectId, entityId]);
  return (row?.anchors ?? []).map((anchor) => anchorSchema.parse(anchor));
}

const GET_MANY = statement(
  'anchors.get_many',
  'SELECT entity_id, anchors FROM session_anchors WHERE project_id = $1 AND entity_id = ANY ($2::text[])',
);

/** The newest last, by entity: of those that something touched. */
export async function getAnchorsOf(
  db: Executor,
  projectId: string,
  entityIds: readonly string[],
): Promise<Map<string, Anchor[]>> {
  return byEntity(await db.query<AnchorRow>(GET_MANY, [projectId, entityIds]));
}

const GET_OF_SESSION = statement(
  'anchors.of_session',
  `SELECT entity_id, anchors FROM session_anchors
   WHERE project_id = $1 AND anchors @> jsonb_build_array(jsonb_build_object('sessionId', $2::text)) ORDER BY entity_id LIMIT $3`,
);

/** The anchors of entities that a session touched, by entity: those of other sessions too. */
export async function getAnchorsBySession(
  db: Executor,
  projectId: string,
  sessionId: string,
  limit: number,
): Promise<Map<string, Anchor[]>> {
  return byEntity(await db.query<AnchorRow>(GET_OF_SESSION, [projectId, sessionId, limit]));
}

interface AnchorRow {
  entity_id: string;
  anchors: unknown[];
}

function byEntity(rows: readonly AnchorRow[]): Map<string, Anchor[]> {
  return new Map(rows.map(({ entity_id, anchors }) => [entity_id, anchors.map((one) => anchorSchema.parse(one))]));
}

const NOTE = statement(
  'anchors.note_failure',
  `INSERT INTO anchors_due AS d (checkpoint_id, project_id, session_id, last_error, last_tried_at)
   VALUES ($2, $1, $3, $4, $5::timestamptz)
   ON CONFLICT (checkpoint_id) DO UPDATE SET failures = d.failures + 1, last_error = excluded.last_error, last_tried_at = excluded.last_tried_at`,
);

export async function noteAnchorFailure(
  db: Executor,
  projectId: string,
  failure: { checkpointId: string; sessionId: string; error: string; at: Date },
): Promise<void> {
  const { checkpointId, sessionId, error, at } = failure;
  await db.query(NOTE, [projectId, checkpointId, sessionId, error.slice(0, 2000), at.toISOString()]);
}

const DUE = statement(
  'anchors.due',
  `SELECT d.checkpoint_id, d.project_id, d.session_id, c.sequence FROM anchors_due d
   JOIN session_checkpoints c ON c.id = d.checkpoint_id
   WHERE d.last_tried_at <= $1::timestamptz ORDER BY d.last_tried_at LIMIT $2`,
);

export interface DueAnchor {
  checkpointId: string;
  projectId: string;
  sessionId: string;
  sequence: number;
}

export async function findDueAnchors(db: Executor, triedBefore: Date, limit: number): Promise<DueAnchor[]> {
  const rows = await db.query<{ checkpoint_id: string; project_id: string; session_id: string; sequence: number }>(
    DUE,
    [triedBefore.toISOString(), limit],
  );
  return rows.map((row) => ({
    checkpointId: row.checkpoint_id,
    projectId: row.project_id,
    sessionId: row.session_id,
    sequence: row.sequence,
  }));
}

const SETTLE = statement('anchors.settle', 'DELETE FROM anchors_due WHERE project_id = $1 AND checkpoint_id = $2');

export async function settleAnchor(tx: Transaction, projectId: string, checkpointId: string): Promise<void> {
  await tx.query(SETTLE, [projectId, checkpointId]);
}
