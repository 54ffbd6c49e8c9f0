import { streamedAnswer } from '../transport/streamed-answer.ts';
import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { AuditEvent, AuditVerification, ListQuery, Page } from '../types.ts';

/** Events read at a time where all are wanted. */
const EACH = 100;

export interface AuditExportOptions extends CallOptions {
  /** `jsonl` by default; `sealed`: with its seals, to be verified wherever it is kept, and without filters. */
  format?: 'jsonl' | 'sealed' | undefined;
  /** As those of the list: `{ action: 'session.create' }`. */
  filters?: Record<string, string | number | boolean> | undefined;
}

/** Who did what to what, and whether the record still is what was sealed. */
export function auditMethods(transport: Transport) {
  const { http } = transport;
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
    get: (id: string, options: CallOptions = {}): Promise<AuditEvent> =>
      answerOf(http.GET('/api/v1/audit/{id}', { params: { path: { id } }, ...options })),
    /** The text of an export as it comes, oldest events first. */
    export: (options: AuditExportOptions = {}): AsyncIterable<string> => exported(transport, options),
    verify: (options: CallOptions = {}): Promise<AuditVerification> =>
      answerOf(http.GET('/api/v1/audit/verify', { ...options })),
  };
}

async function* exported(transport: Transport, options: AuditExportOptions): AsyncGenerator<string> {
  const { format = 'jsonl', filters = {}, signal } = options;
  const given = Object.entries(filters).map(([name, value]): [string, string] => [name, String(value)]);
  const query = new URLSearchParams([['format', format], ...given]);
  const { body } = await streamedAnswer(transport, `/api/v1/audit/export?${query}`, signal ? { signal } : {});
  if (!body) return;
  const decoder = new TextDecoder();
  for await (const chunk of body) yield decoder.decode(chunk, { stream: true });
}
