import { z } from 'zod';
import { sessionStatusSchema } from './session-status.ts';

/** The outcome of an attempt that a retry has put behind (ORC-202). The current one stands in the metrics. */
export const attemptRecordSchema = z.object({
  sessionId: z.string(),
  attempt: z.int().min(1),
  status: sessionStatusSchema,
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  result: z.json().nullable(),
  error: z.json().nullable(),
});
export type AttemptRecord = z.infer<typeof attemptRecordSchema>;
