import { AUDIT_FIELDS, auditEventSchema } from '@signalbox/core';
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

export const verifyAudit = operation({
  id: 'verifyAudit',
  method: 'GET',
  path: '/audit/verify',
  tag,
  summary: 'Check the seals of the project',
  role: 'operator',
  answer: { status: 200, about: 'Whether the record is as it was written.', schema: auditVerificationSchema },
});
