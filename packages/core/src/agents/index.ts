export * from './agent.ts';
export * from './agent-events.ts';
export type { HeartbeatAnswer } from './agent-presence.ts';
export {
  type AgentSettings,
  agentSettingsSchema,
  type UpdateAgentSettings,
  updateAgentSettingsSchema,
} from './agent-settings.ts';
export { Agents, type AgentsOptions } from './agents.ts';
export { type Capability, capabilitySchema } from './capability.ts';
export type { LivenessReport } from './liveness.ts';
export type { AgentLocks } from './lock-port.ts';
export { STRATEGY_TYPES, type StrategyType } from './strategies/index.ts';
