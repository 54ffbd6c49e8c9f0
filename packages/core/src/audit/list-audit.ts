import type { Executor } from '../platform/database/index.ts';
import type { ListQuery, Page } from '../platform/query/index.ts';
import type { AuditEvent } from './audit-event.ts';
import { pageAudit } from './audit-list-store.ts';

/**
 * The audit events of a project, newest first unless asked otherwise (CTL-032), by any filter on {@link AUDIT_FIELDS}.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
 */
export function listAudit(executor: Executor, projectId: string, query: ListQuery = {}): Promise<Page<AuditEvent>> {
  return pageAudit(executor, projectId, query);
}
