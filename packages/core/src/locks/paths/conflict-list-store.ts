import { sql } from 'kysely';
import type { CamelRow, Executor } from '../../platform/database/index.ts';
import {
  composeCount,
  composePage,
  cursorAfter,
  type FieldTable,
  type ListQuery,
  type ListSource,
  type Page,
  pageOf,
} from '../../platform/query/index.ts';
import { CONFLICT_KINDS, type Conflict } from './conflict.ts';
import { CONFLICT_COLUMNS, toConflict } from './conflict-store.ts';

/** All that lists of conflicts can be filtered and sorted by. */
export const CONFLICT_FIELDS: FieldTable = {
  noun: 'conflict',
  fields: {
    id: { kind: 'uuid', column: 'x.id' },
    workspaceId: { kind: 'uuid', column: 'x.workspace_id' },
    path: { kind: 'text', column: 'x.path' },
    kind: { kind: 'enum', column: 'x.kind', values: CONFLICT_KINDS },
    bySession: { kind: 'uuid', column: 'x.by_session' },
    firstSeenAt: { kind: 'time', column: 'x.first_seen_at' },
    lastSeenAt: { kind: 'time', column: 'x.last_seen_at' },
    warnedAt: { kind: 'time', column: 'x.warned_at', nullable: true },
    acknowledgedAt: { kind: 'time', column: 'x.acknowledged_at', nullable: true },
    acknowledgedBy: { kind: 'text', column: 'x.acknowledged_by', nullable: true },
  },
  defaultSort: { by: 'lastSeenAt', order: 'desc' },
  idColumn: 'x.id',
  deletedColumn: null,
};

/**
 * A page of the project's conflicts, or of one session's, the last seen first unless asked otherwise, by any filter on
 * {@link CONFLICT_FIELDS}.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, INVALID_STATUS, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export async function pageConflicts(
  db: Executor,
  projectId: string,
  query: ListQuery = {},
  sessionId: string | null = null,
): Promise<Page<Conflict>> {
  const ofSession =
    sessionId === null ? sql`` : sql` and (x.session_a = ${sessionId}::uuid or x.session_b = ${sessionId}::uuid)`;
  const source: ListSource = {
    label: 'conflicts.list',
    table: CONFLICT_FIELDS,
    columns: sql.raw(CONFLICT_COLUMNS),
    from: sql`conflicts x`,
    scope: sql`x.project_id = ${projectId}::uuid${ofSession}`,
  };
  const { page, pageSize, statement, values } = composePage(source, query);
  const count = composeCount(source, query);
  const rows = await db.query<CamelRow & { id: string; sort_key: string | null }>(statement, values);
  const [total] = await db.query<{ total: number }>(count.statement, count.values);
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const next = rows.length > pageSize && last ? cursorAfter(CONFLICT_FIELDS, query, last) : null;
  return pageOf(
    shown.map(({ sort_key: _, ...row }) => toConflict(row)),
    total?.total ?? 0,
    page,
    pageSize,
    next,
  );
}
