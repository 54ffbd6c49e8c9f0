import { sql } from 'kysely';
import type { Executor } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../../platform/query/index.ts';
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
  return readPage(db, source, query, toConflict);
}
