import { z } from 'zod';
import type { Transaction } from '../../platform/database/index.ts';
import { outcomeSchema } from './checkpoint.ts';

/** What stays with an entity of a checkpoint that touched it (SES-014). */
export const anchorSchema = z.object({
  sessionId: z.string(),
  checkpointId: z.string(),
  outcome: outcomeSchema,
  keyImpacts: z.array(z.string()),
  actors: z.array(z.string()),
  timestamp: z.iso.datetime(),
  perfDelta: z.number().nullable(),
});
export type Anchor = z.infer<typeof anchorSchema>;

/** Anchors that an entity keeps (SES-102). */
export const ANCHORS_KEPT = 5;

/**
 * Keeps anchors with entities. A port: the table here keeps them for every id; a graph keeps them for the entities it knows.
 * What fails is noted, and tried again by upkeep.
 */
export interface AnchorKeeper {
  keep(tx: Transaction, projectId: string, entityIds: readonly string[], anchor: Anchor): Promise<void>;
}
