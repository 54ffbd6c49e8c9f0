import { z } from 'zod';

export const ALERT_TYPES = ['failure_rate', 'performance', 'memory', 'capacity'] as const;
export const alertTypeSchema = z.enum(ALERT_TYPES);
export type AlertType = z.infer<typeof alertTypeSchema>;

export const ALERT_SEVERITIES = ['warning', 'critical'] as const;
export const alertSeveritySchema = z.enum(ALERT_SEVERITIES);
export type AlertSeverity = z.infer<typeof alertSeveritySchema>;

/** Something about rollbacks that somebody should look at (RB-219). At most one of a type and severity is open at a time. */
export const rollbackAlertSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  type: alertTypeSchema,
  severity: alertSeveritySchema,
  message: z.string(),
  /** When it was last seen to hold. */
  timestamp: z.iso.datetime(),
  firstSeenAt: z.iso.datetime(),
  /** How often it was seen to hold. */
  occurrences: z.int(),
  /** What was measured and the limit; the operation, where one gave rise to it. */
  data: z.record(z.string(), z.json()),
  resolved: z.boolean(),
  resolvedAt: z.iso.datetime().nullable(),
  /** Null where it resolved itself. */
  resolvedBy: z.string().nullable(),
});
export type RollbackAlert = z.infer<typeof rollbackAlertSchema>;

/** What is to be alerted about. */
export interface RaisedAlert {
  type: AlertType;
  severity: AlertSeverity;
  message: string;
  data: Record<string, string | number | null>;
}
