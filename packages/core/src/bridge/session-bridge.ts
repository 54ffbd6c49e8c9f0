import { lastTellingEvents, tellingEvents, touchingEvents } from '../journal/index.ts';
import type { Database } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { type Anchor, isActive, type Session, type Sessions } from '../sessions/index.ts';
import { answering } from './bridge-errors.ts';
import type { BridgeGraph } from './bridge-graph.ts';
import { type BridgeHealth, bridgeHealth } from './bridge-health.ts';
import {
  type AggregateSessions,
  aggregateSessionsSchema,
  deltasOf,
  type EntitySessionsFound,
  type FindEntitySessions,
  findEntitySessionsSchema,
  impactOf,
  isWanted,
  type SessionAggregates,
  touchingSessions,
} from './entity-sessions.ts';
import { impactsOf, type SessionIsolation } from './isolation.ts';
import { adviceFor, adviceText, entitiesForJoining, type JoiningContext } from './joining-advice.ts';
import { type GraphState, type Touch, touchOf } from './session-touches.ts';
import { type SessionTransition, type SessionTransitions, TransitionJudge } from './transitions.ts';

/** Events and transitions that one answer shows. */
const MOST_SHOWN = 500;
/** The last events that one who joins has to know. */
const RECENT = 10;
/** Entities that a joining agent is told of. */
const MOST_TOLD = 50;
/** Events of one question about entities that are looked at. */
const MOST_LOOKED_AT = 20_000;
/** What a probe asks about: there need not be such an entity. */
const PROBED = 'file:.';
/** Sessions that are read at once. */
const AT_ONCE = 500;

export interface BridgeParts {
  database: Database;
  sessions: Pick<Sessions, 'get' | 'find'>;
  /** Null where there is no graph. */
  graph: BridgeGraph | null;
  /** Told why the graph failed, or a probe of the sessions; the answers say only that it did. */
  onFailure: (error: unknown) => void;
}

/** Between sessions and the code graph: what sessions did to what, and what whoever joins one has to know (BRIDGE). */
export class SessionBridge {
  readonly #parts: BridgeParts;

  constructor(parts: BridgeParts) {
    this.#parts = parts;
  }

  /** Where the code broke, or an event weighed much (BRIDGE-01…03). @param entityId only of what touched it @throws SESSION_NOT_FOUND, BRIDGE_TRANSITIONS_FAILED */
  async transitions(projectId: string, sessionId: string, entityId: string | null = null): Promise<SessionTransitions> {
    return answering('BRIDGE_TRANSITIONS_FAILED', { sessionId, entityId }, async () => {
      await this.#session(projectId, sessionId);
      const judge = new TransitionJudge();
      const found: SessionTransition[] = [];
      let first: number | null = null;
      for await (const event of tellingEvents(this.#parts.database, projectId, sessionId)) {
        first ??= event.seq;
        const touch = touchOf(event);
        const reasons = judge.judge(touch);
        if (reasons.length === 0 || (entityId !== null && !touch.entityIds.includes(entityId))) continue;
        const fromSeq = event.seq === first ? null : event.seq - 1;
        found.push({ fromSeq, toSeq: event.seq, event: touch, reasons, kgContext: null });
      }
      const shown = found.slice(-MOST_SHOWN);
      const asked = entityId !== null && shown.length > 0;
      const [kgContext, graph] = await this.#ask(null, async (of) => (asked ? of.context(projectId, entityId) : null));
      const transitions = shown.map((one) => ({ ...one, kgContext }));
      return { sessionId, entityId, total: found.length, transitions, graph };
    });
  }

  /** What one agent did in a session, and what of it stays with entities (BRIDGE-04). @throws SESSION_NOT_FOUND, BRIDGE_ISOLATE_FAILED */
  async isolation(projectId: string, sessionId: string, agentId: string): Promise<SessionIsolation> {
    return answering('BRIDGE_ISOLATE_FAILED', { sessionId, agentId }, async () => {
      await this.#session(projectId, sessionId);
      const all: Touch[] = [];
      for await (const event of tellingEvents(this.#parts.database, projectId, sessionId, agentId))
        all.push(touchOf(event));
      const [anchors, graph] = await this.#ask(new Map<string, readonly Anchor[]>(), (of) =>
        of.anchorsBySession(projectId, sessionId),
      );
      return {
        ...{ sessionId, agentId, totalEvents: all.length, events: all.slice(-MOST_SHOWN) },
        impacts: impactsOf(anchors, { sessionId, agentId }),
        totalPerfDelta: all.reduce((sum, { impact }) => sum + (impact?.perfDelta ?? 0), 0),
        graph,
      };
    });
  }

  /** What an agent has to know that joins a session (BRIDGE-05, BRIDGE-06). @throws SESSION_NOT_FOUND, BRIDGE_HANDOFF_FAILED */
  async joiningContext(projectId: string, sessionId: string, joiningAgent: string): Promise<JoiningContext> {
    return answering('BRIDGE_HANDOFF_FAILED', { sessionId, joiningAgent }, async () => {
      const { agentIds } = await this.#session(projectId, sessionId);
      const recentChanges = (await lastTellingEvents(this.#parts.database, projectId, sessionId, RECENT)).map(touchOf);
      const advice = adviceFor(recentChanges, agentIds, joiningAgent);
      const entityIds = entitiesForJoining(recentChanges, joiningAgent).slice(0, MOST_TOLD);
      const [kgContext, graph] = await this.#ask<JoiningContext['kgContext']>([], async (of) => {
        const anchors = await of.anchorsOf(projectId, entityIds);
        return Promise.all(
          entityIds.map(async (entityId) => ({
            entityId,
            related: await of.related(projectId, entityId),
            lastAnchor: anchors.get(entityId)?.at(-1) ?? null,
          })),
        );
      });
      const joiningAdvice = adviceText(advice);
      return { sessionId, joiningAgent, recentChanges, kgContext, joiningAdvice, advice, graph };
    });
  }

  /** Which sessions touched an entity: those that still are, and what stays of others (BRIDGE-07). @throws VALIDATION_FAILED, UNKNOWN_FIELD, BRIDGE_ENTITY_QUERY_FAILED */
  async sessionsByEntity(projectId: string, input: FindEntitySessions): Promise<EntitySessionsFound> {
    const query = parseInput(findEntitySessionsSchema, input);
    const { entityId, sessionId, fromSeq = 0, toSeq = Number.MAX_SAFE_INTEGER, limit } = query;
    return answering('BRIDGE_ENTITY_QUERY_FAILED', { entityId, query }, async () => {
      const touched = await this.#touched(projectId, [entityId], sessionId);
      const touches = touched.touches.filter(({ seq }) => fromSeq <= seq && seq <= toSeq);
      const bySeq = query.fromSeq !== undefined || query.toSeq !== undefined;
      const anchors = [...touched.anchors.values()].flat().filter((one) => !sessionId || one.sessionId === sessionId);
      const all = touchingSessions({ touches, anchors, sessions: touched.sessions });
      const wanted = all.filter((one) => isWanted(one, query) && (!bySeq || one.eventCount > 0));
      const sessions = wanted.slice(0, limit).map((one) => {
        const events = touches.filter((touch) => touch.sessionId === one.sessionId).reverse();
        return query.includeEvents ? { ...one, events: events.slice(-MOST_SHOWN) } : one;
      });
      const found = { entityId, total: wanted.length, sessions, truncated: touched.truncated };
      if (!query.includeKgContext) return { ...found, graph: touched.graph };
      const [related, graph] = await this.#ask<{ id: string; type: string | null; name: string | null }[]>([], (of) =>
        of.related(projectId, entityId),
      );
      return { ...found, related, graph: touched.graph === 'ok' ? graph : touched.graph };
    });
  }

  /** What sessions came to that touched some entities (BRIDGE-08): each session is looked at once. @throws VALIDATION_FAILED, UNKNOWN_FIELD, BRIDGE_AGGREGATES_FAILED */
  async aggregates(projectId: string, input: AggregateSessions): Promise<SessionAggregates> {
    const { entityIds: asked, ...filters } = parseInput(aggregateSessionsSchema, input);
    const entityIds = [...new Set(asked)];
    return answering('BRIDGE_AGGREGATES_FAILED', { entityIds, query: filters }, async () => {
      const { touches, anchors, sessions, truncated, graph } = await this.#touched(projectId, entityIds);
      const all = touchingSessions({ touches, anchors: [...anchors.values()].flat(), sessions });
      const wanted = all.filter((one) => isWanted(one, filters));
      const ids = new Set(wanted.map(({ sessionId }) => sessionId));
      const ofWanted = <Of extends { sessionId: string }>(items: readonly Of[]) =>
        items.filter(({ sessionId }) => ids.has(sessionId));
      const exists = (sessionId: string) => sessions.has(sessionId);
      const own = ofWanted(touches);
      const recentOutcomes: Record<string, number> = {};
      for (const { outcome } of wanted)
        if (outcome !== null) recentOutcomes[outcome] = (recentOutcomes[outcome] ?? 0) + 1;
      return {
        totalSessions: wanted.length,
        activeAgents: new Set(
          wanted.flatMap((one) => (one.status !== null && isActive(one.status) ? one.agentIds : [])),
        ).size,
        recentOutcomes,
        performanceImpact: impactOf(deltasOf(own, ofWanted([...anchors.values()].flat()), exists)),
        entityBreakdown: entityIds.map((entityId) => {
          const here = own.filter((touch) => touch.entityIds.includes(entityId));
          const kept = ofWanted(anchors.get(entityId) ?? []);
          const sessionCount = new Set([...here, ...kept].map(({ sessionId }) => sessionId)).size;
          return { entityId, sessionCount, avgImpact: impactOf(deltasOf(here, kept, exists)).average };
        }),
        truncated,
        graph,
      };
    });
  }

  /** How it is, by asking what its questions rest on (BRIDGE-11). Never throws: what cannot be asked is part of the answer. */
  health(projectId: string): Promise<BridgeHealth> {
    const { database, sessions, graph, onFailure } = this.#parts;
    const askSessions = async () => {
      await sessions.find(projectId, {}, { limit: 1 });
      await touchingEvents(database, projectId, [PROBED], { sessionIds: null, limit: 1 });
    };
    return bridgeHealth(askSessions, graph && (() => graph.probe(projectId, PROBED)), onFailure);
  }

  async #touched(projectId: string, entityIds: readonly string[], sessionId?: string) {
    const { database } = this.#parts;
    const only = { sessionIds: sessionId === undefined ? null : [sessionId], limit: MOST_LOOKED_AT };
    const touches = (await touchingEvents(database, projectId, entityIds, only)).map(touchOf);
    const [anchors, graph] = await this.#ask(new Map<string, readonly Anchor[]>(), (of) =>
      of.anchorsOf(projectId, entityIds),
    );
    const ids = new Set([...touches, ...[...anchors.values()].flat()].map((one) => one.sessionId));
    const sessions = await this.#sessions(projectId, [...ids]);
    return { touches, anchors, graph, sessions, truncated: touches.length === MOST_LOOKED_AT };
  }

  async #sessions(projectId: string, ids: readonly string[]): Promise<Map<string, Session>> {
    const found = new Map<string, Session>();
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const filters = [{ field: 'id', operator: 'in' as const, value: ids.slice(from, from + AT_ONCE) }];
      for (const session of await this.#parts.sessions.find(projectId, { filters }, { limit: AT_ONCE }))
        found.set(session.id, session);
    }
    return found;
  }

  async #session(projectId: string, sessionId: string): Promise<Session> {
    const session = await this.#parts.sessions.get(projectId, sessionId);
    if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    return session;
  }

  /** What the graph says; where it cannot, that it could not (BRIDGE-10). */
  async #ask<Answer>(otherwise: Answer, ask: (graph: BridgeGraph) => Promise<Answer>): Promise<[Answer, GraphState]> {
    const { graph, onFailure } = this.#parts;
    if (graph === null) return [otherwise, 'unavailable'];
    try {
      return [await ask(graph), 'ok'];
    } catch (error) {
      onFailure(error);
      return [otherwise, 'failed'];
    }
  }
}
