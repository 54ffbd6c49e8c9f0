import { z } from 'zod';
import { codeStateSchema } from '../journal/index.ts';
import { uuidSchema } from '../platform/ids/ids.ts';
import { type Anchor, anchorSchema, isActive, type Session, sessionStatusSchema } from '../sessions/index.ts';
import { graphStateSchema, type Touch, touchSchema } from './session-touches.ts';

const entityId = z.string().min(1).max(2_000);
const outcomeSchema = anchorSchema.shape.outcome;

const filters = {
  agentId: z.string().min(1).max(100).optional(),
  /** The code state of the session. */
  state: codeStateSchema.optional(),
  /** How a checkpoint came out that touched it; or the present state of a session that is not over. */
  outcome: outcomeSchema.optional(),
  /** Touched at this time or later, and at this time or before. */
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
};

/** TYP-11, but for what other operations do. */
export const findEntitySessionsSchema = z.strictObject({
  entityId,
  sessionId: uuidSchema.optional(),
  ...filters,
  /** Of the numbers of events that touched it, both included. */
  fromSeq: z.int().min(1).optional(),
  toSeq: z.int().min(1).optional(),
  includeEvents: z.boolean().default(false),
  includeKgContext: z.boolean().default(false),
  limit: z.int().min(1).max(500).default(50),
});
export type FindEntitySessions = z.input<typeof findEntitySessionsSchema>;

export const aggregateSessionsSchema = z.strictObject({ entityIds: z.array(entityId).min(1).max(100), ...filters });
export type AggregateSessions = z.input<typeof aggregateSessionsSchema>;

export type SessionFilters = Pick<
  z.output<typeof findEntitySessionsSchema>,
  'agentId' | 'state' | 'outcome' | 'since' | 'until'
>;

/** A session that touched entities; one that is gone as far as its anchors tell. */
export const touchingSessionSchema = z.object({
  sessionId: z.string(),
  /** False for one that is gone: all that follows but its anchors is null or empty then. */
  exists: z.boolean(),
  title: z.string().nullable(),
  status: sessionStatusSchema.nullable(),
  codeState: codeStateSchema.nullable(),
  agentIds: z.array(z.string()),
  /** How its last checkpoint came out that touched it; of one that is not over, how it stands now. */
  outcome: outcomeSchema.nullable(),
  eventCount: z.int(),
  lastTouchedAt: z.iso.datetime(),
  anchors: z.array(anchorSchema),
  events: z.array(touchSchema).optional(),
});
export type TouchingSession = z.infer<typeof touchingSessionSchema>;

export const entitySessionsFoundSchema = z.object({
  entityId: z.string(),
  total: z.int(),
  /** The one that touched it last comes first. */
  sessions: z.array(touchingSessionSchema),
  /** What is around the entity, where that was asked for. */
  related: z.array(z.object({ id: z.string(), type: z.string().nullable(), name: z.string().nullable() })).optional(),
  /** There were more events than were looked at. */
  truncated: z.boolean(),
  graph: graphStateSchema,
});
export type EntitySessionsFound = z.infer<typeof entitySessionsFoundSchema>;

/** BRIDGE-08. */
export const sessionAggregatesSchema = z.object({
  totalSessions: z.int(),
  /** Agents of those sessions that are not over, each once. */
  activeAgents: z.int(),
  /** By how they came out. */
  recentOutcomes: z.record(z.string(), z.int()),
  /** Of what is not zero; the worst is the least. */
  performanceImpact: z.object({ total: z.number(), average: z.number(), worst: z.number() }),
  entityBreakdown: z.array(z.object({ entityId: z.string(), sessionCount: z.int(), avgImpact: z.number() })),
  truncated: z.boolean(),
  graph: graphStateSchema,
});
export type SessionAggregates = z.infer<typeof sessionAggregatesSchema>;

const OUTCOME_OF = {
  working: 'working',
  broken: 'broken',
  coordinating: 'coordinated',
  completed: 'completed',
} as const;

/** What is known of the sessions that touched some entities. */
export interface Touched {
  touches: readonly Touch[];
  anchors: readonly Anchor[];
  sessions: ReadonlyMap<string, Session>;
}

/** One for each session, the last to touch comes first. */
export function touchingSessions({ touches, anchors, sessions }: Touched): TouchingSession[] {
  const touchesBy = Map.groupBy(touches, ({ sessionId }) => sessionId);
  const anchorsBy = Map.groupBy(anchors, ({ sessionId }) => sessionId);
  const ids = [...new Set([...touchesBy.keys(), ...anchorsBy.keys()])];
  const found = ids.map((sessionId): TouchingSession => {
    const own = touchesBy.get(sessionId) ?? [];
    const kept = (anchorsBy.get(sessionId) ?? []).toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
    const session = sessions.get(sessionId);
    const open = session !== undefined && isActive(session.status);
    return {
      sessionId,
      exists: session !== undefined,
      title: session?.title ?? null,
      status: session?.status ?? null,
      codeState: session?.codeState ?? null,
      agentIds: session?.agentIds ?? [...new Set(kept.flatMap(({ actors }) => actors))],
      outcome: open ? OUTCOME_OF[session.codeState] : (kept.at(-1)?.outcome ?? null),
      eventCount: own.length,
      lastTouchedAt:
        [...own.map(({ occurredAt }) => occurredAt), ...kept.map(({ timestamp }) => timestamp)].sort().at(-1) ?? '',
      anchors: kept,
    };
  });
  return found.sort((a, b) =>
    a.lastTouchedAt === b.lastTouchedAt
      ? a.sessionId < b.sessionId
        ? -1
        : 1
      : a.lastTouchedAt > b.lastTouchedAt
        ? -1
        : 1,
  );
}

export function isWanted(session: TouchingSession, { agentId, state, outcome, since, until }: SessionFilters): boolean {
  const { agentIds, codeState, anchors, lastTouchedAt } = session;
  if (agentId !== undefined && !agentIds.includes(agentId)) return false;
  if (state !== undefined && codeState !== state) return false;
  if (outcome !== undefined && session.outcome !== outcome && !anchors.some((anchor) => anchor.outcome === outcome))
    return false;
  if (since !== undefined && Date.parse(lastTouchedAt) < Date.parse(since)) return false;
  return until === undefined || Date.parse(lastTouchedAt) <= Date.parse(until);
}

/** What performance came to, by what sessions say of it: their events, or where they are gone their anchors, each checkpoint once. */
export function deltasOf(
  touches: readonly Touch[],
  anchors: readonly Anchor[],
  exists: (sessionId: string) => boolean,
): number[] {
  const said = touches.flatMap(({ impact }) => impact?.perfDelta ?? []);
  const kept = new Map(anchors.filter(({ sessionId }) => !exists(sessionId)).map((one) => [one.checkpointId, one]));
  return [...said, ...[...kept.values()].flatMap(({ perfDelta }) => perfDelta ?? [])].filter((delta) => delta !== 0);
}

export function impactOf(deltas: readonly number[]): SessionAggregates['performanceImpact'] {
  const total = deltas.reduce((sum, delta) => sum + delta, 0);
  return deltas.length === 0
    ? { total: 0, average: 0, worst: 0 }
    : { total, average: total / deltas.length, worst: Math.min(...deltas) };
}
