import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type {
  AggregateSessions,
  BridgeHealth,
  FindSessionsByEntity,
  JoiningContext,
  SessionAggregates,
  SessionIsolation,
  SessionsByEntity,
  SessionTransitions,
} from '../types.ts';

/** Between sessions and the code graph: what sessions did to what. */
export function bridgeMethods({ http }: Transport) {
  return {
    /** Where a session broke the code, or did something of much effect. @param entity only what touched it */
    transitions: (id: string, entity?: string, options: CallOptions = {}): Promise<SessionTransitions> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/transitions', {
          params: { path: { id }, query: entity === undefined ? {} : { entity } },
          ...options,
        }),
      ),
    /** What one agent did in a session. */
    isolation: (id: string, agent: string, options: CallOptions = {}): Promise<SessionIsolation> =>
      answerOf(http.GET('/api/v1/sessions/{id}/isolation', { params: { path: { id }, query: { agent } }, ...options })),
    /** What an agent has to know that joins a session. */
    joiningContext: (id: string, agent: string, options: CallOptions = {}): Promise<JoiningContext> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/joining-context', { params: { path: { id }, query: { agent } }, ...options }),
      ),
    sessionsByEntity: (query: FindSessionsByEntity, options: CallOptions = {}): Promise<SessionsByEntity> =>
      answerOf(http.POST('/api/v1/graph/entity/touched-by', { body: query, ...options })),
    aggregates: (query: AggregateSessions, options: CallOptions = {}): Promise<SessionAggregates> =>
      answerOf(http.POST('/api/v1/graph/entities/aggregates', { body: query, ...options })),
    /** Whether sessions and the code graph of the project answer. */
    health: (options: CallOptions = {}): Promise<BridgeHealth> =>
      answerOf(http.GET('/api/v1/system/bridge', { ...options })),
  };
}
