import { z } from 'zod';
import { anchorSchema } from '../sessions/index.ts';
import { graphStateSchema, type Touch, touchSchema } from './session-touches.ts';

/** Actors that advice names as the most active. */
const MOST_NAMED = 3;

const adviceSchema = z.object({
  /** The agents of the session, but for the one that joins. */
  syncWith: z.array(z.string()),
  /** A recent event left the code broken. */
  broken: z.boolean(),
  /** A recent event was of high or critical severity. */
  severe: z.boolean(),
  /** By how many of the recent events are theirs; who came last comes first among equals. */
  mostActive: z.array(z.object({ actor: z.string(), events: z.int() })),
});
export type Advice = z.infer<typeof adviceSchema>;

/** What an agent has to know that joins a session (TYP-13). */
export const joiningContextSchema = z.object({
  sessionId: z.string(),
  joiningAgent: z.string(),
  /** The last events that tell of the code, the oldest first. */
  recentChanges: z.array(touchSchema),
  /** What they touched, but for what the joining agent touched last itself. */
  kgContext: z.array(
    z.object({
      entityId: z.string(),
      related: z.array(z.object({ id: z.string(), type: z.string().nullable(), name: z.string().nullable() })),
      lastAnchor: anchorSchema.nullable(),
    }),
  ),
  joiningAdvice: z.string(),
  advice: adviceSchema,
  graph: graphStateSchema,
});
export type JoiningContext = z.infer<typeof joiningContextSchema>;

/** BRIDGE-06. @param recent the oldest first */
export function adviceFor(recent: readonly Touch[], agentIds: readonly string[], joiningAgent: string): Advice {
  const counts = new Map<string, { events: number; last: number }>();
  recent.forEach(({ actor }, last) => {
    counts.set(actor, { events: (counts.get(actor)?.events ?? 0) + 1, last });
  });
  return {
    syncWith: agentIds.filter((id) => id !== joiningAgent),
    broken: recent.some(({ stateTransition }) => stateTransition?.to === 'broken'),
    severe: recent.some(({ impact }) => impact?.severity === 'high' || impact?.severity === 'critical'),
    mostActive: [...counts]
      .sort(([, a], [, b]) => b.events - a.events || b.last - a.last)
      .slice(0, MOST_NAMED)
      .map(([actor, { events }]) => ({ actor, events })),
  };
}

export function adviceText({ syncWith, broken, severe, mostActive }: Advice): string {
  const segments = [`Sync with: ${syncWith.length === 0 ? 'nobody' : syncWith.join(', ')}`];
  if (broken) segments.push('Warning: a recent change left the code broken');
  if (severe) segments.push('Note: recent changes are of high impact');
  if (mostActive.length > 0) segments.push(`Most active: ${mostActive.map(({ actor }) => actor).join(', ')}`);
  return segments.join('. ');
}

/** The entities that the events touched, but for those that this agent touched last, in the order of the latest touch. */
export function entitiesForJoining(recent: readonly Touch[], joiningAgent: string): string[] {
  const lastBy = new Map<string, string>();
  for (const { entityIds, actor } of recent.toReversed()) {
    for (const id of entityIds) if (!lastBy.has(id)) lastBy.set(id, actor);
  }
  return [...lastBy].flatMap(([id, actor]) => (actor === joiningAgent ? [] : [id]));
}
