import { z } from 'zod';
import { type Anchor, anchorSchema } from '../sessions/index.ts';
import { graphStateSchema, touchSchema } from './session-touches.ts';

/** What one agent did in a session (TYP-14). */
export const sessionIsolationSchema = z.object({
  sessionId: z.string(),
  agentId: z.string(),
  /** Of all of them, however many are shown. */
  totalEvents: z.int(),
  /** In their order; the last ones, where there are more than asked for. */
  events: z.array(touchSchema),
  /** Entities with which anchors of this session stay that list the agent. */
  impacts: z.array(z.object({ entityId: z.string(), anchors: z.array(anchorSchema), count: z.int() })),
  /** Of the agent's own events; anchors are of all agents of the session. */
  totalPerfDelta: z.number(),
  graph: graphStateSchema,
});
export type SessionIsolation = z.infer<typeof sessionIsolationSchema>;

/** The anchors of one session that list the agent, by entity: each checkpoint once. */
export function impactsOf(
  anchors: ReadonlyMap<string, readonly Anchor[]>,
  { sessionId, agentId }: { sessionId: string; agentId: string },
): SessionIsolation['impacts'] {
  return [...anchors].flatMap(([entityId, all]) => {
    const own = all.filter((anchor) => anchor.sessionId === sessionId && anchor.actors.includes(agentId));
    const once = [...new Map(own.map((anchor) => [anchor.checkpointId, anchor])).values()];
    return once.length === 0 ? [] : [{ entityId, anchors: once, count: once.length }];
  });
}
