import { z } from 'zod';

/** A numbered, append-only resume point of a session (ORC-075…084). */
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
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

export const createCheckpointSchema = z.strictObject({
  data: z.json(),
  metadata: z.record(z.string(), z.json()).default({}),
});
export type CreateCheckpoint = z.input<typeof createCheckpointSchema>;
