import { auditEventSchema } from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'audit';

export const auditPageSchema = cursorPageOf(auditEventSchema);
export const auditVerificationSchema = z.object({
  ok: z.boolean(),
  /** Position of the last sealed event; 0 before the first seal. */
  sealedThrough: z.int(),
  /** Events that are not sealed yet. */
  unsealed: z.int(),
  problems: z.array(z.string()),
});

export const listAudit = operation({
  id: 'listAudit',
  method: 'GET',
  path: '/audit',
  tag,
  summary: 'Who did what to what',
  role: 'operator',
  query: listQuerySchema,
  filters: Object.keys(auditEventSchema.shape),
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
