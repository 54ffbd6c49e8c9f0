import {
  AUDIT_FIELDS,
  type Database,
  eachAuditEvent,
  parseListQuery,
  redact,
  SignalboxError,
  sealedExport,
} from '@signalbox/core';
import type { AuditExportFormat } from '../contract/audit.ts';
import { StreamedText } from '../http/streamed-text.ts';

const LINES = 'application/x-ndjson; charset=utf-8';

/**
 * A project's audit as it is asked for. What is sealed is written as it is stored, where nothing is that was known to be a
 * secret then: masked, it would not be what was sealed.
 * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, VALIDATION_FAILED
 */
export function auditExport(
  database: Database,
  projectId: string,
  format: AuditExportFormat,
  filters: Parameters<typeof parseListQuery>[1],
): StreamedText {
  if (format === 'sealed') {
    if (Object.keys(filters).length > 0) {
      throw new SignalboxError('VALIDATION_FAILED', {
        reason: 'what is sealed can be verified as a whole only: leave out the filters',
      });
    }
    return new StreamedText(LINES, sealedExport(database, projectId));
  }
  const { filters: conditions = [], ...paging } = parseListQuery(AUDIT_FIELDS, filters);
  if (Object.keys(paging).length > 0) {
    throw new SignalboxError('VALIDATION_FAILED', {
      reason: 'an export has neither pages nor another order: filters alone are taken',
    });
  }
  return new StreamedText(LINES, written(eachAuditEvent(database, projectId, conditions)));
}

async function* written(events: ReturnType<typeof eachAuditEvent>): AsyncGenerator<string> {
  for await (const some of events) yield some.map((event) => `${JSON.stringify(redact(event))}\n`).join('');
}
