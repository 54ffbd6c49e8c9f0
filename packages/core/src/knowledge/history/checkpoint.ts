import { z } from 'zod';
import { checkpointReasonSchema, entityIdSchema, momentSchema } from '../vocabulary/terms.ts';

/** Hops where a caller does not say, and at most (KG-201). */
const DEFAULT_HOPS = 2;
const MOST_HOPS = 5;

/** KG-202. */
export const takeGraphCheckpointSchema = z
  .strictObject({
    seedEntities: z.array(entityIdSchema).min(1).max(1_000),
    reason: checkpointReasonSchema,
    hops: z.int().min(0).max(MOST_HOPS).default(DEFAULT_HOPS),
    /** The edges that held at some time from then on, */
    since: momentSchema.optional(),
    /** up to then. Left out: those that hold now. */
    until: momentSchema.optional(),
  })
  .refine(({ since, until }) => since === undefined || until === undefined || since <= until, 'since is after until');
export type TakeGraphCheckpoint = z.input<typeof takeGraphCheckpointSchema>;

export const takenGraphCheckpointSchema = z.object({
  /** Id of the checkpoint's entity. */
  id: z.string(),
  checkpointId: z.string(),
  timestamp: z.iso.datetime(),
  /** Entities that it includes. */
  members: z.int(),
  revision: z.int(),
});
export type TakenGraphCheckpoint = z.infer<typeof takenGraphCheckpointSchema>;
