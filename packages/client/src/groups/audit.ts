import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { AuditEvent, AuditVerification, ListQuery, Page } from '../types.ts';

/** Who did what to what, and whether the record still is what was sealed. */
export function auditMethods({ http }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<AuditEvent>> =>
      answerOf(http.GET('/api/v1/audit', { params: { query }, ...options })),
    verify: (options: CallOptions = {}): Promise<AuditVerification> =>
      answerOf(http.GET('/api/v1/audit/verify', { ...options })),
  };
}
