import { entitiesTouched, type TellingEvent } from '../../journal/index.ts';
import type { KnownRelationship } from '../history/timeline.ts';
import { sessionName } from '../identity/names.ts';
import { relationshipId } from '../identity/relationship-id.ts';
import type { RelationshipTypeOf } from '../vocabulary/relationship-type.ts';
import type { RelationshipQuery } from './relationship-query.ts';

/** Which fields of a question about relationships are about events of sessions (KG-226). */
export type EventFilter = Pick<
  RelationshipQuery,
  | 'type'
  | 'actor'
  | 'impactSeverity'
  | 'stateTransitionTo'
  | 'sequenceNumberMin'
  | 'sequenceNumberMax'
  | 'timestampFrom'
  | 'timestampTo'
>;

const OF_CODE = ['working', 'broken'];

/** The edges that an event of a journal stands for: one for each entity that it touched, under the id that such an edge has anywhere. */
export function edgesOfEvent(event: TellingEvent): KnownRelationship[] {
  const { seq, actor, occurredAt, changeInfo, stateTransition, impact } = event;
  const sessionId = sessionName(event.sessionId);
  const type = typeOf(event);
  const to = stateTransition?.to;
  return entitiesTouched(event).map((entityId) => {
    const ofSession = type === 'SESSION_MODIFIED' || type === 'SESSION_CHECKPOINT';
    const edge = {
      ...{ type, sessionId, sequenceNumber: seq },
      fromEntityId: ofSession ? sessionId : entityId,
      toEntityId: ofSession ? entityId : sessionId,
    };
    return {
      id: relationshipId(edge),
      ...edge,
      ...{ timestamp: occurredAt, actor },
      ...(impact && { impact, impactSeverity: impact.severity }),
      ...(changeInfo && { changeInfo }),
      ...(stateTransition && { stateTransition }),
      ...(to !== undefined && { stateTransitionTo: OF_CODE.includes(to) ? to : 'unknown' }),
    };
  });
}

function typeOf({ type, stateTransition }: TellingEvent): RelationshipTypeOf<'session'> {
  if (type === 'broke' || stateTransition?.to === 'broken') return 'BROKE_IN';
  if (type === 'checkpoint') return 'SESSION_CHECKPOINT';
  return stateTransition?.from === 'broken' && stateTransition.to === 'working' ? 'FIXED_IN' : 'SESSION_MODIFIED';
}

/** As the tables are asked: what an edge lacks fails a filter on it (KG-227). */
export function isAsked(edge: KnownRelationship, filter: EventFilter): boolean {
  const among = (value: unknown, wanted: readonly string[] | undefined) =>
    wanted === undefined || (typeof value === 'string' && wanted.includes(value));
  const seq = Number(edge.sequenceNumber);
  const at = Date.parse(String(edge.timestamp));
  const { sequenceNumberMin = 0, sequenceNumberMax = Number.POSITIVE_INFINITY, timestampFrom, timestampTo } = filter;
  return (
    among(edge.type, filter.type) &&
    among(edge.actor, filter.actor) &&
    among(edge.impactSeverity, filter.impactSeverity) &&
    among(edge.stateTransitionTo, filter.stateTransitionTo) &&
    sequenceNumberMin <= seq &&
    seq <= sequenceNumberMax &&
    (timestampFrom === undefined || timestampFrom.getTime() <= at) &&
    (timestampTo === undefined || at <= timestampTo.getTime())
  );
}
