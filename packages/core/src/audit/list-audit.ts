import type { Executor } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { ListQuery, Page } from '../platform/query/index.ts';
import type { AuditEvent } from './audit-event.ts';
import { auditAfter, pageAudit } from './audit-list-store.ts';

const AT_ONCE = 500;

/**
 * The audit events of a project, newest first unless asked otherwise (CTL-032), by any filter on {@link AUDIT_FIELDS}.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export function listAudit(executor: Executor, projectId: string, query: ListQuery = {}): Promise<Page<AuditEvent>> {
  return pageAudit(executor, projectId, query);
}

/** @throws AUDIT_EVENT_NOT_FOUND */
export async function getAuditEvent(executor: Executor, projectId: string, id: string): Promise<AuditEvent> {
  const filters = [{ field: 'id', operator: 'eq', value: id }] as const;
  const { items } = await pageAudit(executor, projectId, { filters, pageSize: 1 });
  if (!items[0]) throw new SignalboxError('AUDIT_EVENT_NOT_FOUND', { id });
  return items[0];
}

/** All of them by the same filters, oldest first, some at a time. @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, VALIDATION_FAILED */
export async function* eachAuditEvent(
  executor: Executor,
  projectId: string,
  filters: NonNullable<ListQuery['filters']>,
): AsyncGenerator<readonly AuditEvent[]> {
  let cursor: string | undefined;
  do {
    const read = await auditAfter(executor, projectId, filters, cursor, AT_ONCE);
    yield read.items;
    cursor = read.next;
  } while (cursor !== undefined);
}
