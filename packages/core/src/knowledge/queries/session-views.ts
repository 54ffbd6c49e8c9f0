import { z } from 'zod';
import { compareText } from '../graph/graph-base.ts';
import type { KnownRelationship } from '../history/timeline.ts';
import { sessionName } from '../identity/names.ts';
import { LEVELS, levelSchema } from '../vocabulary/terms.ts';

const count = z.int();
const counts = z.record(z.string(), count);
const nullableTime = z.iso.datetime().nullable();
const pageSchema = z.object({ limit: count, offset: count, /** Entries on this page. */ count });
/** Whether there were more events than are looked at: then it is not of all of them. */
const truncated = z.boolean();

/** One event of a session, as an edge of the graph tells of it (KG-246). */
export const sessionEventSchema = z.looseObject({
  relationshipId: z.string(),
  type: z.string(),
  fromEntityId: z.string(),
  toEntityId: z.string(),
  timestamp: nullableTime,
  sequenceNumber: count.nullable(),
  actor: z.string().nullable(),
  impactSeverity: levelSchema.nullable(),
});
export type SessionEvent = z.infer<typeof sessionEventSchema>;

/** Of all that was asked for, not of the page (KG-249). */
const summarySchema = z.object({
  totalEvents: count,
  byType: counts,
  bySeverity: counts,
  /** The busiest first. */
  actors: z.array(z.object({ actor: z.string(), count })),
  firstTimestamp: nullableTime,
  lastTimestamp: nullableTime,
});

export const sessionTimelineSchema = z.object({
  sessionId: z.string(),
  total: count,
  events: z.array(sessionEventSchema),
  page: pageSchema,
  summary: summarySchema,
  truncated,
});
export type SessionTimeline = z.infer<typeof sessionTimelineSchema>;

/** KG-247. */
export const sessionImpactsSchema = z.object({
  sessionId: z.string(),
  totalEntities: count,
  impacts: z.array(
    z.object({
      entityId: z.string(),
      relationshipIds: z.array(z.string()),
      impactCount: count,
      firstTimestamp: nullableTime,
      latestTimestamp: nullableTime,
      latestSeverity: levelSchema.nullable(),
      latestSequenceNumber: count.nullable(),
      actors: z.array(z.string()),
    }),
  ),
  page: pageSchema,
  summary: z.object({ bySeverity: counts, totalRelationships: count }),
  truncated,
});
export type SessionImpacts = z.infer<typeof sessionImpactsSchema>;

/** KG-248. */
export const sessionsAffectingSchema = z.object({
  entityId: z.string(),
  totalSessions: count,
  sessions: z.array(
    z.object({
      sessionId: z.string(),
      relationshipIds: z.array(z.string()),
      eventCount: count,
      firstTimestamp: nullableTime,
      lastTimestamp: nullableTime,
      actors: z.array(z.string()),
      severities: counts,
    }),
  ),
  page: pageSchema,
  summary: z.object({ bySeverity: counts, totalRelationships: count }),
  truncated,
});
export type SessionsAffecting = z.infer<typeof sessionsAffectingSchema>;

/** What is looked at of what a session did, or of what was done to an entity. */
export interface SessionEvents {
  /** {@link eventsOf} */
  events: readonly SessionEvent[];
  truncated: boolean;
}

interface Page {
  limit: number;
  offset: number;
}

/** By sequence number, then time, then id; those of no time last. */
export function eventsOf(relationships: readonly KnownRelationship[]): SessionEvent[] {
  return relationships.map(toEvent).sort(byOrder);
}

export function timelineOf(sessionId: string, { events, truncated }: SessionEvents, page: Page): SessionTimeline {
  const shown = events.slice(page.offset, page.offset + page.limit);
  const times = timesOf(events);
  const summary = {
    totalEvents: events.length,
    byType: countsOf(events, ({ type }) => type),
    bySeverity: severitiesOf(events),
    actors: Object.entries(countsOf(events, ({ actor }) => actor))
      .map(([actor, of]) => ({ actor, count: of }))
      .sort((a, b) => b.count - a.count || compareText(a.actor, b.actor)),
    firstTimestamp: times.first,
    lastTimestamp: times.last,
  };
  const total = events.length;
  return { sessionId, total, events: shown, page: { ...page, count: shown.length }, summary, truncated };
}

export function impactsOf(sessionId: string, { events, truncated }: SessionEvents, page: Page): SessionImpacts {
  const impacts = [...Map.groupBy(events, (event) => entityOf(event, sessionId))].map(([entityId, own]) => {
    const last = own.at(-1);
    const times = timesOf(own);
    return {
      entityId,
      relationshipIds: own.map(({ relationshipId }) => relationshipId),
      impactCount: own.length,
      firstTimestamp: times.first,
      latestTimestamp: times.last,
      latestSeverity: own.findLast(({ impactSeverity }) => impactSeverity !== null)?.impactSeverity ?? null,
      latestSequenceNumber: last?.sequenceNumber ?? null,
      actors: actorsOf(own),
    };
  });
  impacts.sort((a, b) => compareText(a.entityId, b.entityId));
  const shown = impacts.slice(page.offset, page.offset + page.limit);
  const summary = { bySeverity: severitiesOf(events), totalRelationships: events.length };
  const totalEntities = impacts.length;
  return { sessionId, totalEntities, impacts: shown, page: { ...page, count: shown.length }, summary, truncated };
}

/** @param events those with the entity at either end */
export function sessionsOf(entityId: string, { events, truncated }: SessionEvents, page: Page): SessionsAffecting {
  const sessions = [...Map.groupBy(events, (event) => String(event.sessionId))].map(([sessionId, own]) => {
    const times = timesOf(own);
    return {
      sessionId,
      relationshipIds: own.map(({ relationshipId }) => relationshipId),
      eventCount: own.length,
      firstTimestamp: times.first,
      lastTimestamp: times.last,
      actors: actorsOf(own),
      severities: severitiesOf(own),
    };
  });
  sessions.sort((a, b) => compareText(a.sessionId, b.sessionId));
  const shown = sessions.slice(page.offset, page.offset + page.limit);
  const summary = { bySeverity: severitiesOf(events), totalRelationships: events.length };
  const totalSessions = sessions.length;
  return { entityId, totalSessions, sessions: shown, page: { ...page, count: shown.length }, summary, truncated };
}

/** Edges lead from sessions to entities and the other way (`BROKE_IN`): the end that is not the session itself. */
function entityOf({ fromEntityId, toEntityId }: SessionEvent, sessionId: string): string {
  return sessionName(toEntityId.replace(/^session:/, '')) === sessionId ? fromEntityId : toEntityId;
}

function toEvent(relationship: KnownRelationship): SessionEvent {
  const { id, type, fromEntityId, toEntityId, timestamp, sequenceNumber, actor, impactSeverity, ...rest } =
    relationship;
  const { sessionId, stateTransitionTo, changeInfo, impact, stateTransition, metadata } = rest;
  const told = Object.entries({ sessionId, stateTransitionTo, changeInfo, impact, stateTransition, metadata });
  return {
    relationshipId: String(id),
    type: String(type),
    fromEntityId: String(fromEntityId),
    toEntityId: String(toEntityId),
    timestamp: typeof timestamp === 'string' ? timestamp : null,
    sequenceNumber: typeof sequenceNumber === 'number' ? sequenceNumber : null,
    actor: typeof actor === 'string' ? actor : null,
    impactSeverity: levelSchema.safeParse(impactSeverity).data ?? null,
    ...Object.fromEntries(told.filter(([, value]) => value !== undefined)),
  };
}

function byOrder(a: SessionEvent, b: SessionEvent): number {
  const last = Number(a.timestamp === null) - Number(b.timestamp === null);
  return (
    last ||
    (a.sequenceNumber ?? 0) - (b.sequenceNumber ?? 0) ||
    compareText(a.timestamp ?? '', b.timestamp ?? '') ||
    compareText(a.relationshipId, b.relationshipId)
  );
}

function timesOf(events: readonly SessionEvent[]): { first: string | null; last: string | null } {
  const times = events.flatMap(({ timestamp }) => timestamp ?? []).sort();
  return { first: times[0] ?? null, last: times.at(-1) ?? null };
}

function severitiesOf(events: readonly SessionEvent[]): Record<string, number> {
  const found = countsOf(events, ({ impactSeverity }) => impactSeverity);
  return Object.fromEntries(LEVELS.map((level) => [level, found[level] ?? 0]));
}

function actorsOf(events: readonly SessionEvent[]): string[] {
  return [...new Set(events.flatMap(({ actor }) => actor ?? []))].sort();
}

function countsOf(events: readonly SessionEvent[], of: (event: SessionEvent) => string | null): Record<string, number> {
  const found: Record<string, number> = {};
  for (const event of events) {
    const name = of(event);
    if (name !== null) found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}
