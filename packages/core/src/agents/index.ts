export * from './agent.ts';
export * from './agent-events.ts';
export { AGENT_FIELDS } from './agent-list-store.ts';
export { type AgentMetrics, agentMetricsSchema } from './agent-metrics.ts';
export type { AgentCount } from './agent-metrics-store.ts';
export type { HeartbeatAnswer } from './agent-presence.ts';
export {
  type AgentSettings,
  agentSettingsSchema,
  type UpdateAgentSettings,
  updateAgentSettingsSchema,
} from './agent-settings.ts';
export { getAgentSettings } from './agent-settings-store.ts';
export { Agents, type AgentsOptions } from './agents.ts';
export { type Capability, capabilitySchema } from './capability.ts';
export { type ClaimWork, claimWorkSchema } from './claim-work.ts';
export { type CoordinationEvent, TASK_EVENTS } from './coordination-events.ts';
export { type HandOff, type Handoff, handOffSchema, handoffSchema } from './handoff.ts';
export { HANDOFF_FIELDS } from './handoff-store.ts';
export type { LivenessReport } from './liveness.ts';
export type { AgentLocks } from './lock-port.ts';
export { STRATEGY_TYPES, type StrategyType } from './strategies/index.ts';
