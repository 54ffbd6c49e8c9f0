import { z } from 'zod';
import { agentIdSchema } from './agent.ts';

/** A request to make a session another agent's (COORD-04). */
export const handOffSchema = z.strictObject({
  sessionId: z.guid(),
  fromAgent: agentIdSchema,
  toAgent: agentIdSchema,
  reason: z.string().trim().min(1).max(2_000),
  /** What the new agent should know. */
  context: z.record(z.string(), z.json()).default({}),
  priority: z.int().min(0).max(9).default(2),
  estimatedMs: z.int().nonnegative().nullable().default(null),
});
export type HandOff = z.input<typeof handOffSchema>;

/** A session that went from one agent to another, with its tasks, locks and place in the journal. */
export const handoffSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  sessionId: z.string(),
  fromAgent: z.string(),
  toAgent: z.string(),
  reason: z.string(),
  context: z.record(z.string(), z.json()),
  priority: z.int(),
  estimatedMs: z.int().nullable(),
  taskIds: z.array(z.string()),
  /** The last event before it: what follows is the new agent's. */
  journalSeq: z.int(),
  /** Under which the new agent writes. */
  token: z.int(),
  at: z.iso.datetime(),
});
export type Handoff = z.infer<typeof handoffSchema>;
