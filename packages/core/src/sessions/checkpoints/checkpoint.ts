import { z } from 'zod';
import { runtimeSessionRefSchema } from '../runtime.ts';

/** SES-006. */
export const outcomeSchema = z.enum(['working', 'broken', 'coordinated', 'completed']);
export type Outcome = z.infer<typeof outcomeSchema>;

/** What the last events before a checkpoint came to (SES-101). */
export const checkpointSummarySchema = z.object({
  /** By the latest transition among them; without one, by the code state. */
  outcome: outcomeSchema,
  /** Whether the code was broken at any time among them. */
  wasBroken: z.boolean(),
  /** Entities of events of high or critical severity, each once, in order. */
  keyImpacts: z.array(z.string()),
  /** Sum of what the events say; null where none says anything. */
  perfDelta: z.number().nullable(),
});
export type CheckpointSummary = z.infer<typeof checkpointSummarySchema>;

/** Why a checkpoint was taken: somebody asked; by number, by an event that asks, by the session's status; or a run ended. */
export const checkpointReasonSchema = z.enum(['request', 'interval', 'event', 'transition', 'run_end']);
export type CheckpointReason = z.infer<typeof checkpointReasonSchema>;

/** The capture of the workspace as a checkpoint finds it. */
export const checkpointCaptureSchema = z.object({
  workspaceId: z.string(),
  treeId: z.string(),
  /** In the workspace's chain; null where its tree was not taken from there. */
  position: z.int().nullable(),
});
export type CheckpointCapture = z.infer<typeof checkpointCaptureSchema>;

/** A numbered, append-only resume point of a session (ORC-075…084, SES-012). */
export const checkpointSchema = z.object({
  id: z.string(),
  sessionId: z.string(),
  /** 1-based, consecutive per session. */
  sequence: z.int().min(1),
  data: z.json(),
  metadata: z.record(z.string(), z.json()),
  /** Journal position at which it was taken. */
  journalSeq: z.int(),
  createdAt: z.iso.datetime(),
  reason: checkpointReasonSchema,
  /** Null for checkpoints of earlier versions, as what follows. */
  summary: checkpointSummarySchema.nullable(),
  /** Entities that the last events touched. */
  refEntities: z.array(z.string()),
  /** Files at that moment; null without a workspace, or where it was never captured. */
  capture: checkpointCaptureSchema.nullable(),
  /** The runtime's own session, and the message behind which it can be forked. */
  runtimeSession: runtimeSessionRefSchema.nullable(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

export const createCheckpointSchema = z.strictObject({
  data: z.json(),
  metadata: z.record(z.string(), z.json()).default({}),
  /** Seconds the session still has if nothing else happens (SES-104); left out, its lifetime stays as it is. */
  graceTTL: z.int().positive().max(31_536_000).optional(),
  /** Keep a failure snapshot, whatever came out (SES-019, SES-103). */
  includeFailureSnapshot: z.boolean().default(false),
});
export type CreateCheckpoint = z.input<typeof createCheckpointSchema>;
