import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement } from '../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../platform/query/index.ts';
import { type Handoff, handoffSchema } from './handoff.ts';

const COLUMNS = `h.id, h.project_id, h.session_id, h.from_agent, h.to_agent, h.reason, h.context, h.priority, h.estimated_ms, h.task_ids,
  h.journal_seq::float8 AS journal_seq, h.token::float8 AS token, h.at`;

const insert = statement(
  'agents.handoff_insert',
  `WITH counted AS (UPDATE agent_settings SET handoff_count = handoff_count + 1 WHERE project_id = $2)
   INSERT INTO handoffs AS h (id, project_id, session_id, from_agent, to_agent, reason, context, priority, estimated_ms, task_ids,
     journal_seq, token)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
);

/** Keeps a record and counts it (COORD-72). */
export async function insertHandoff(executor: Executor, handoff: Omit<Handoff, 'at'>): Promise<Handoff> {
  const [row] = await executor.query<CamelRow>(insert, [
    handoff.id,
    handoff.projectId,
    handoff.sessionId,
    handoff.fromAgent,
    handoff.toAgent,
    handoff.reason,
    JSON.stringify(handoff.context),
    handoff.priority,
    handoff.estimatedMs,
    handoff.taskIds,
    handoff.journalSeq,
    handoff.token,
  ]);
  return handoffSchema.parse(camelRow(row ?? {}));
}

/** All that lists of handoffs can be filtered and sorted by. */
export const HANDOFF_FIELDS: FieldTable = {
  noun: 'handoff',
  fields: {
    id: { kind: 'uuid', column: 'h.id' },
    sessionId: { kind: 'uuid', column: 'h.session_id' },
    fromAgent: { kind: 'text', column: 'h.from_agent' },
    toAgent: { kind: 'text', column: 'h.to_agent' },
    at: { kind: 'time', column: 'h.at' },
  },
  defaultSort: { by: 'at', order: 'desc' },
  idColumn: 'h.id',
  deletedColumn: null,
};

/** A page of the project's handoffs, the latest first unless asked otherwise. */
export async function pageHandoffs(
  executor: Executor,
  projectId: string,
  query: ListQuery = {},
): Promise<Page<Handoff>> {
  const source: ListSource = {
    label: 'agents.handoffs',
    table: HANDOFF_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql`handoffs h`,
    scope: sql`h.project_id = ${projectId}::uuid`,
  };
  return readPage(executor, source, query, (row) => handoffSchema.parse(camelRow(row)));
}
