import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { fileOfPayload, pathsOfEntities, type TellingEvent } from './telling-event.ts';

const COLUMNS = `e.session_id, e.seq, e.type, e.actor, e.change_info, e.state_transition, e.impact, e.occurred_at,
  CASE WHEN e.type = 'file_change' THEN jsonb_build_object('path', e.payload -> 'path', 'oldPath', e.payload -> 'oldPath',
    'operation', e.payload -> 'operation', 'changeId', e.payload -> 'changeId') END AS file`;
const TELLING = `(e.type IN ('start', 'modified', 'broke', 'checkpoint', 'handoff', 'test_pass', 'file_change')
  OR e.change_info IS NOT NULL OR e.state_transition IS NOT NULL OR e.impact IS NOT NULL)`;

/** Events that are read at once. */
const PAGE = 2_000;

const AFTER = statement(
  'journal.telling',
  `SELECT ${COLUMNS} FROM journal_events e WHERE e.project_id = $1 AND e.session_id = $2 AND e.seq > $3::bigint
     AND ($4::text IS NULL OR e.actor = $4) AND ${TELLING} ORDER BY e.seq LIMIT ${PAGE}`,
);

/** All events of a session that tell of the code, in their order. @param actor only theirs; null for everybody's */
export async function* tellingEvents(
  db: Executor,
  projectId: string,
  sessionId: string,
  actor: string | null = null,
): AsyncGenerator<TellingEvent> {
  for (let after = 0; ; ) {
    const page = (await db.query<CamelRow>(AFTER, [projectId, sessionId, after, actor])).map(toEvent);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.seq;
  }
}

const LAST = statement(
  'journal.last_telling',
  `SELECT ${COLUMNS} FROM journal_events e WHERE e.project_id = $1 AND e.session_id = $2 AND ${TELLING} ORDER BY e.seq DESC LIMIT $3`,
);

/** The last of them, the oldest first. */
export async function lastTellingEvents(
  db: Executor,
  projectId: string,
  sessionId: string,
  limit: number,
): Promise<TellingEvent[]> {
  return (await db.query<CamelRow>(LAST, [projectId, sessionId, limit])).map(toEvent).reverse();
}

// Two ways to touch an entity, each with an index of its own.
const TOUCHES = `SELECT e.session_id, e.seq FROM journal_events e
  WHERE e.project_id = $1 AND e.change_info IS NOT NULL AND e.change_info -> 'entityIds' ?| $2::text[]
  UNION
  SELECT e.session_id, e.seq FROM journal_events e
  WHERE e.project_id = $1 AND e.type = 'file_change' AND e.payload ->> 'path' = ANY ($3::text[])
  UNION
  SELECT e.session_id, e.seq FROM journal_events e
  WHERE e.project_id = $1 AND e.type = 'file_change' AND e.payload ->> 'oldPath' = ANY ($3::text[])`;
const TOUCHING = statement(
  'journal.touching',
  `WITH touched AS (${TOUCHES})
   SELECT ${COLUMNS} FROM touched t JOIN journal_events e ON e.session_id = t.session_id AND e.seq = t.seq
   WHERE ($4::uuid[] IS NULL OR e.session_id = ANY ($4::uuid[])) ORDER BY e.occurred_at DESC, e.session_id, e.seq DESC LIMIT $5`,
);

/** Events of any session that touched one of these entities, the latest first. @param sessionIds only of these; null for all */
export async function touchingEvents(
  db: Executor,
  projectId: string,
  entityIds: readonly string[],
  { sessionIds, limit }: { sessionIds: readonly string[] | null; limit: number },
): Promise<TellingEvent[]> {
  const rows = await db.query<CamelRow>(TOUCHING, [
    ...[projectId, entityIds, pathsOfEntities(entityIds), sessionIds, limit],
  ]);
  return rows.map(toEvent);
}

function toEvent(row: CamelRow): TellingEvent {
  return { ...camelRow(row), seq: Number(row.seq), file: fileOfPayload(row.file) } as TellingEvent;
}
