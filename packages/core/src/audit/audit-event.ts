import { z } from 'zod';

/** Who did what to what (CTL-032, ORC-218). Written with the change it records and never touched again. */
export const auditEventSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  at: z.iso.datetime(),
  /** Name of the key or person; `anonymous` in open mode, `system` for what the program does by itself. */
  actor: z.string(),
  actorRole: z.string().nullable(),
  /** `noun.verb`, as `session.create`. */
  action: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  versionBefore: z.int().nullable(),
  versionAfter: z.int().nullable(),
  /** Changed fields: `{field: {before, after}}`, without secrets. */
  changes: z.record(z.string(), z.json()),
  details: z.record(z.string(), z.json()),
  traceId: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

/** What a use case gives for one audit event. */
export interface AuditEntry {
  actor: string;
  actorRole?: string | null;
  /** `noun.verb` in lower case and `_`. */
  action: string;
  subjectType: string;
  subjectId: string;
  versionBefore?: number | null;
  versionAfter?: number | null;
  changes?: Record<string, unknown>;
  details?: Record<string, unknown>;
  traceId?: string | null;
}
