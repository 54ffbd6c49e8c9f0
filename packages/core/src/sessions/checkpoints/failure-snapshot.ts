import { z } from 'zod';
import { outcomeSchema } from './checkpoint.ts';

/**
 * What stood at a checkpoint when something had gone wrong (SES-103). Its events are those of the journal up to `journalSeq`,
 * which nobody can change: they are read from there.
 */
export const failureSnapshotSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  sessionId: z.string(),
  checkpointId: z.string(),
  /** Of that checkpoint. */
  sequence: z.int(),
  outcome: outcomeSchema,
  agentIds: z.array(z.string()),
  journalSeq: z.int(),
  createdAt: z.iso.datetime(),
});
export type FailureSnapshot = z.infer<typeof failureSnapshotSchema>;
