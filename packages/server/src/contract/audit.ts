import { AUDIT_FIELDS, auditEventSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'audit';

export const auditPageSchema = cursorPageOf(auditEventSchema);
export const auditVerificationSchema = z.object({
  /** True when the chain holds up to its last seal. */
  ok: z.boolean(),
  /** The last seal; null while there is none. What came later can be changed unnoticed. */
  sealedThrough: z.object({ number: z.int(), position: z.int(), sealedAt: z.iso.datetime() }).nullable(),
  /** Events under seal, those that retention dropped included. */
  sealed: z.int(),
  released: z.int(),
  /** Events that wait for their seal. */
  unsealed: z.int(),
  problems: z.array(
    z.object({
      kind: z.enum(['altered', 'removed', 'inserted', 'reordered', 'seal_broken', 'seal_missing', 'unknown_key']),
      detail: z.string(),
      position: z.int().nullable(),
      eventId: z.string().nullable(),
      seal: z.int().nullable(),
    }),
  ),
});

export const listAudit = operation({
  id: 'listAudit',
  method: 'GET',
  path: '/audit',
  tag,
  summary: 'Who did what to what',
  role: 'operator',
  query: listQuerySchema,
  filters: Object.keys(AUDIT_FIELDS.fields),
  answer: { status: 200, about: 'A page of audit events.', schema: auditPageSchema },
});

export const auditExportFormatSchema = z.enum(['jsonl', 'sealed']);
export type AuditExportFormat = z.infer<typeof auditExportFormatSchema>;
export const auditExportQuerySchema = z.looseObject({ format: auditExportFormatSchema.optional() });
export const exportAudit = operation({
  id: 'exportAudit',
  method: 'GET',
  path: '/audit/export',
  tag,
  summary: 'The audit as a file, oldest first',
  description:
    'A line of JSON each: events by the filters of the list (`jsonl`); or all that is sealed, with its seals (`sealed`), which `signalbox audit verify --file` checks wherever it is kept.',
  role: 'operator',
  query: auditExportQuerySchema,
  filters: Object.keys(AUDIT_FIELDS.fields),
  answer: { status: 200, about: 'The events, as they are read.', mediaType: 'application/x-ndjson' },
});

export const getAuditEvent = operation({
  id: 'getAuditEvent',
  method: 'GET',
  path: '/audit/{id}',
  tag,
  summary: 'One audit event',
  role: 'operator',
  params: z.strictObject({ id: uuidSchema }),
  answer: { status: 200, about: 'The event.', schema: auditEventSchema },
});

export const verifyAudit = operation({
  id: 'verifyAudit',
  method: 'GET',
  path: '/audit/verify',
  tag,
  summary: 'Check the seals of the project',
  role: 'operator',
  answer: { status: 200, about: 'Whether the record is as it was written.', schema: auditVerificationSchema },
});
