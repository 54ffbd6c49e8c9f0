export { type BridgeGraph, bridgeGraph } from './bridge-graph.ts';
export { type BridgeHealth, bridgeHealthSchema } from './bridge-health.ts';
export {
  type AggregateSessions,
  aggregateSessionsSchema,
  type EntitySessionsFound,
  entitySessionsFoundSchema,
  type FindEntitySessions,
  findEntitySessionsSchema,
  type SessionAggregates,
  sessionAggregatesSchema,
} from './entity-sessions.ts';
export { type SessionIsolation, sessionIsolationSchema } from './isolation.ts';
export { type JoiningContext, joiningContextSchema } from './joining-advice.ts';
export { SessionBridge } from './session-bridge.ts';
export { type SessionTransitions, sessionTransitionsSchema } from './transitions.ts';
