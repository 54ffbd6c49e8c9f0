import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../platform/database/index.ts';
import {
  type Composed,
  composeCount,
  composePage,
  composeRows,
  cursorAfter,
  type Field,
  type FieldTable,
  type ListQuery,
  type ListSource,
  type Page,
  pageOf,
} from '../platform/query/index.ts';
import { runtimeNameSchema } from './runtime.ts';
import { codeStateSchema, isolationSchema, type Session, sessionSchema, sessionTypeSchema } from './session.ts';
import { SESSION_COLUMNS, SESSION_FROM, type SessionRow, toSession } from './session-row-store.ts';
import { SESSION_STATUSES } from './session-status.ts';

/** All that lists of sessions can be filtered and sorted by, under the names of {@link sessionSchema}. */
export const SESSION_FIELDS: FieldTable = {
  noun: 'session',
  fields: {
    id: { kind: 'uuid', column: 's.id' },
    title: { kind: 'text', column: 's.title' },
    description: { kind: 'text', column: 's.description', nullable: true },
    sessionType: { kind: 'enum', column: 's.session_type', values: sessionTypeSchema.options },
    priority: { kind: 'integer', column: 's.priority' },
    status: { kind: 'status', column: 's.status', values: SESSION_STATUSES },
    statusUpdatedAt: { kind: 'time', column: 's.status_updated_at' },
    attempt: { kind: 'integer', column: 's.attempt' },
    maxRetries: { kind: 'integer', column: 's.max_retries' },
    retryable: { kind: 'boolean', column: 's.retryable', nullable: true },
    onOrphan: { kind: 'enum', column: 's.on_orphan', values: sessionSchema.shape.onOrphan.options },
    codeState: { kind: 'enum', column: 'h.code_state', values: codeStateSchema.options },
    lastSeq: { kind: 'bigint', column: 'h.last_seq' },
    lastEventAt: { kind: 'time', column: 'h.last_event_at', nullable: true },
    parentId: { kind: 'uuid', column: 'p.id', nullable: true },
    agentRole: { kind: 'text', column: 's.agent_role', nullable: true },
    runtime: { kind: 'enum', column: 's.runtime', values: runtimeNameSchema.options, nullable: true },
    workspaceId: { kind: 'uuid', column: 's.workspace_id', nullable: true },
    isolation: { kind: 'enum', column: 's.isolation', values: isolationSchema.options },
    treeWorkspaceId: { kind: 'uuid', column: 's.tree_workspace_id', nullable: true },
    modelConfig: { kind: 'text', column: 's.model_config', nullable: true },
    initialPrompt: { kind: 'text', column: 's.initial_prompt' },
    'limits.maxDurationSeconds': { kind: 'integer', column: 's.max_duration_seconds' },
    'limits.cpuLimit': { kind: 'number', column: 's.cpu_limit', nullable: true },
    'limits.memoryLimitMb': { kind: 'integer', column: 's.memory_limit_mb', nullable: true },
    taskId: { kind: 'uuid', column: 's.task_id', nullable: true },
    createdBy: { kind: 'text', column: 's.created_by', nullable: true },
    updatedBy: { kind: 'text', column: 's.updated_by', nullable: true },
    version: { kind: 'integer', column: 's.version' },
    ttl: { kind: 'integer', column: 's.ttl_seconds', nullable: true },
    expiresAt: { kind: 'time', column: 'h.expires_at', nullable: true },
    createdAt: { kind: 'time', column: 's.created_at' },
    updatedAt: { kind: 'time', column: 's.updated_at' },
    deletedAt: { kind: 'time', column: 's.deleted_at', nullable: true },
    tags: { kind: 'json', column: 's.tags' },
    metadata: { kind: 'json', column: 's.metadata' },
    agentConfig: { kind: 'json', column: 's.agent_config' },
    // Members are rows of their own: see `hasMembers`.
    agentIds: { kind: 'json', column: 's.id' },
  },
  defaultSort: { by: 'createdAt', order: 'desc' },
  idColumn: 's.id',
  deletedColumn: 's.deleted_at',
};

/** Sessions in which all of the given agents take part, by the index of members (SES-110). */
function hasMembers(projectId: string, value: unknown): RawBuilder<unknown> {
  const agents = [...new Set((Array.isArray(value) ? value : [value]).map(String))];
  if (agents.length === 0) return sql`true`;
  return sql`s.id in (select a.session_id from session_agents a
    where a.project_id = ${projectId}::uuid and a.agent = any(${agents}::text[]) and a.left_at is null
    group by a.session_id having count(*) = ${agents.length}::int)`;
}

/** What sessions of a project are listed from; `more` is selected beside the session's own columns. */
function source(projectId: string, label: string, more = sql``): ListSource {
  const members: Field = { kind: 'json', column: 's.id', holds: (value) => hasMembers(projectId, value) };
  return {
    label,
    table: { ...SESSION_FIELDS, fields: { ...SESSION_FIELDS.fields, agentIds: members } },
    columns: sql`${sql.raw(SESSION_COLUMNS)}${more}`,
    from: sql.raw(SESSION_FROM),
    scope: sql`s.project_id = ${projectId}::uuid`,
  };
}

type ListedRow = SessionRow & { id: string; sort_key: string | null };

/** ORC-101: any number of sessions; a limit of 0 gives none. */
export async function findSessions(
  db: Executor,
  projectId: string,
  query: ListQuery,
  limit: number,
  offset: number,
): Promise<Session[]> {
  const rows = await run<ListedRow>(db, composeRows(source(projectId, 'sessions.find'), query, limit, offset));
  return rows.map(toSession);
}

/** ORC-102. */
export async function pageSessions(db: Executor, projectId: string, query: ListQuery): Promise<Page<Session>> {
  const from = source(projectId, 'sessions.list');
  const { page, pageSize, ...composed } = composePage(from, query);
  const rows = await run<ListedRow>(db, composed);
  const total = await countSessions(db, projectId, query);
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const next = rows.length > pageSize && last ? cursorAfter(SESSION_FIELDS, query, last) : null;
  return pageOf(shown.map(toSession), total, page, pageSize, next);
}

/** ORC-103: by all twelve operators. */
export async function countSessions(
  db: Executor,
  projectId: string,
  query: Pick<ListQuery, 'filters' | 'includeDeleted'>,
): Promise<number> {
  const [row] = await run<{ total: number }>(db, composeCount(source(projectId, 'sessions.list'), query));
  return row?.total ?? 0;
}

/** A session as full-text search finds it; a higher rank is a better match. */
export type RankedSession = Session & { rank: number };

/** Must read as the expression of `idx_sessions_search`, or the index is of no use. */
const DOCUMENT = sql.raw(`to_tsvector('english', s.title || ' ' || coalesce(s.description, ''))`);

/** ORC-111: the words of `text`, as people type them into search engines, best match first. */
export async function searchSessions(
  db: Executor,
  projectId: string,
  text: string,
  query: ListQuery,
): Promise<Page<RankedSession>> {
  const words = sql`websearch_to_tsquery('english', ${text})`;
  const rank = sql`ts_rank_cd(${DOCUMENT}, ${words})`;
  const base = source(projectId, 'sessions.search', sql`, ${rank} as rank`);
  const from = { ...base, scope: sql`${base.scope} and ${DOCUMENT} @@ ${words}`, rank };
  const { page, pageSize, ...composed } = composePage(from, query);
  const rows = await run<ListedRow & { rank: number }>(db, composed);
  const [count] = await run<{ total: number }>(db, composeCount(from, query));
  const items = rows.slice(0, pageSize).map((row) => ({ ...toSession(row), rank: row.rank }));
  return pageOf(items, count?.total ?? 0, page, pageSize, null);
}

async function run<Row>(db: Executor, { statement, values }: Composed): Promise<Row[]> {
  return db.query<Row>(statement, values);
}
