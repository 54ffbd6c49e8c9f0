import { sql } from 'kysely';
import type { Executor } from '../../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../../platform/query/index.ts';
import { PATH_CLAIM_ORIGINS, PATH_CLAIM_STATUSES, type PathClaim } from './path-claim.ts';
import { PATH_CLAIM_COLUMNS, toPathClaim } from './path-claim-store.ts';

/** All that lists of path claims can be filtered and sorted by. */
export const PATH_CLAIM_FIELDS: FieldTable = {
  noun: 'path claim',
  fields: {
    id: { kind: 'uuid', column: 'c.id' },
    workspaceId: { kind: 'uuid', column: 'c.workspace_id' },
    sessionId: { kind: 'uuid', column: 'c.session_id' },
    taskId: { kind: 'uuid', column: 'c.task_id', nullable: true },
    agent: { kind: 'text', column: 'c.agent' },
    mode: { kind: 'enum', column: 'c.mode', values: ['exclusive', 'shared'] },
    status: { kind: 'status', column: 'c.status', values: PATH_CLAIM_STATUSES },
    origin: { kind: 'enum', column: 'c.origin', values: PATH_CLAIM_ORIGINS },
    priority: { kind: 'integer', column: 'c.priority' },
    requestedAt: { kind: 'time', column: 'c.requested_at' },
    grantedAt: { kind: 'time', column: 'c.granted_at', nullable: true },
    waitUntil: { kind: 'time', column: 'c.wait_until', nullable: true },
    expiresAt: { kind: 'time', column: 'c.expires_at', nullable: true },
    paths: { kind: 'json', column: 'c.paths' },
  },
  defaultSort: { by: 'requestedAt', order: 'asc' },
  idColumn: 'c.id',
  deletedColumn: null,
};

/**
 * A page of the project's path claims, oldest first unless asked otherwise, by any filter on {@link PATH_CLAIM_FIELDS}.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, INVALID_STATUS, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export async function pagePathClaims(db: Executor, projectId: string, query: ListQuery = {}): Promise<Page<PathClaim>> {
  const source: ListSource = {
    label: 'paths.list',
    table: PATH_CLAIM_FIELDS,
    columns: sql.raw(PATH_CLAIM_COLUMNS),
    from: sql`path_claims c`,
    scope: sql`c.project_id = ${projectId}::uuid`,
  };
  return readPage(db, source, query, toPathClaim);
}
