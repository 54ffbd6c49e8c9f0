import { z } from 'zod';

/** An audit event as it is shown. Read here, so that one of another shape is left out with a word instead of breaking the page. */
export const auditEventSchema = z.object({
  id: z.string(),
  at: z.string(),
  actor: z.string(),
  actorRole: z.string().nullable().catch(null),
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  versionBefore: z.number().nullable().catch(null),
  versionAfter: z.number().nullable().catch(null),
  changes: z.record(z.string(), z.unknown()).catch({}),
  details: z.record(z.string(), z.unknown()).catch({}),
  traceId: z.string().nullable().catch(null),
});
export type ShownAuditEvent = z.infer<typeof auditEventSchema>;
