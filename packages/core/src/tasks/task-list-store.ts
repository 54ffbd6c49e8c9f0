import { type RawBuilder, sql } from 'kysely';
import type { Executor } from '../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../platform/query/index.ts';
import { TASK_STATUSES, type Task, type TaskStatus } from './task.ts';
import { TASK_COLUMNS, toTask } from './task-store.ts';

/** All that lists of tasks can be filtered and sorted by. */
export const TASK_FIELDS: FieldTable = {
  noun: 'task',
  fields: {
    id: { kind: 'uuid', column: 't.id' },
    queue: { kind: 'text', column: 't.queue' },
    type: { kind: 'text', column: 't.type' },
    status: { kind: 'status', column: 't.status', values: TASK_STATUSES },
    priority: { kind: 'integer', column: 't.priority' },
    runAt: { kind: 'time', column: 't.run_at' },
    attempt: { kind: 'integer', column: 't.attempt' },
    failures: { kind: 'integer', column: 't.failures' },
    maxAttempts: { kind: 'integer', column: 't.max_attempts' },
    sessionId: { kind: 'uuid', column: 't.session_id', nullable: true },
    parentId: { kind: 'uuid', column: 't.parent_id', nullable: true },
    concurrencyKey: { kind: 'text', column: 't.concurrency_key', nullable: true },
    deadline: { kind: 'time', column: 't.deadline', nullable: true },
    claimedBy: { kind: 'text', column: 't.claimed_by', nullable: true },
    claimExpiresAt: { kind: 'time', column: 't.claim_expires_at', nullable: true },
    claimedAt: { kind: 'time', column: 't.claimed_at', nullable: true },
    idempotencyKey: { kind: 'text', column: 't.idempotency_key', nullable: true },
    uniqueKey: { kind: 'text', column: 't.unique_key', nullable: true },
    traceId: { kind: 'text', column: 't.trace_id', nullable: true },
    createdBy: { kind: 'text', column: 't.created_by', nullable: true },
    version: { kind: 'integer', column: 't.version' },
    createdAt: { kind: 'time', column: 't.created_at' },
    updatedAt: { kind: 'time', column: 't.updated_at' },
    finishedAt: { kind: 'time', column: 't.finished_at', nullable: true },
    payload: { kind: 'json', column: 't.payload' },
    result: { kind: 'json', column: 't.result' },
    error: { kind: 'json', column: 't.error' },
  },
  defaultSort: { by: 'createdAt', order: 'desc' },
  idColumn: 't.id',
  deletedColumn: null,
};

/**
 * A page of the project's tasks, newest first unless asked otherwise, by any filter on {@link TASK_FIELDS}.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, INVALID_STATUS, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export async function pageTasks(executor: Executor, projectId: string, query: ListQuery = {}): Promise<Page<Task>> {
  const narrow = narrowSource(projectId, query);
  const mine = sql`t.project_id = ${projectId}::uuid`;
  const source: ListSource = {
    label: 'tasks.list',
    table: TASK_FIELDS,
    columns: sql.raw(TASK_COLUMNS),
    from: sql`tasks t`,
    scope: narrow ? sql`${mine} and t.id in (${narrow})` : mine,
  };
  return readPage(executor, source, query, toTask);
}

/** Where the tasks of a status stand beside `tasks`, which has no index on it. The rest are found by reading. */
const NARROW: Partial<Record<TaskStatus, readonly string[]>> = {
  // A prefetched claim may stand in its lease alone while its task still reads `queued`.
  queued: ['task_ready', 'task_leases'],
  waiting: ['task_waiting'],
  claimed: ['task_leases'],
  running: ['task_leases'],
  dead: ['task_dead_letters'],
  failed: ['task_dead_letters'],
};

/**
 * The ids among which all tasks of the wanted statuses are, from the narrow tables; null where they cannot say. Finished
 * tasks, of which there are millions, need not be read then.
 */
function narrowSource(projectId: string, query: ListQuery): RawBuilder<unknown> | null {
  const statuses = wantedStatuses(query);
  if (statuses === null) return null;
  const tables = new Set<string>();
  for (const status of statuses) {
    const named = NARROW[status as TaskStatus];
    if (!named) return null;
    for (const table of named) tables.add(table);
  }
  const selects = [...tables].map(
    (table) =>
      sql`select ${sql.raw(table === 'task_leases' ? 'unnest(task_ids)' : 'task_id')} from ${sql.table(table)} where project_id = ${projectId}::uuid`,
  );
  return sql.join(selects, sql` union all `);
}

/** The statuses of which a row must have one; null where any may do. */
function wantedStatuses({ filters = [] }: ListQuery): readonly unknown[] | null {
  const filter = filters.find(({ field, operator }) => field === 'status' && (operator === 'eq' || operator === 'in'));
  if (!filter) return null;
  const values = Array.isArray(filter.value) ? filter.value : [filter.value];
  return values.length === 0 ? null : values;
}
