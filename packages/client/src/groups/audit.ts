import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { AuditEvent, AuditVerification, ListQuery, Page } from '../types.ts';

/** Events read at a time where all are wanted. */
const EACH = 100;

/** Who did what to what, and whether the record still is what was sealed. */
export function auditMethods({ http }: Transport) {
  const list = (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<AuditEvent>> =>
    answerOf(http.GET('/api/v1/audit', { params: { query }, ...options }));
  return {
    list,
    /** All that a query lets through, oldest first. */
    async *each(filter: ListQuery = {}, options: CallOptions = {}): AsyncGenerator<AuditEvent> {
      const query = { ...filter, pageSize: EACH, sortBy: 'at', sortOrder: 'asc' } as const;
      for (let page = await list(query, options); ; ) {
        yield* page.items;
        if (page.nextCursor == null) return;
        page = await list({ ...query, cursor: page.nextCursor }, options);
      }
    },
    verify: (options: CallOptions = {}): Promise<AuditVerification> =>
      answerOf(http.GET('/api/v1/audit/verify', { ...options })),
  };
}
