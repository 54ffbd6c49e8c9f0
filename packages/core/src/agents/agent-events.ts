import { z } from 'zod';

/**
 * What happens to agents, by name (COORD-74, GEN-09). All but the heartbeat stand in the change feed, topic `agent`, with
 * `event` and the payload below. What happens to a task stands there under the topic `task`.
 */
export const AGENT_EVENTS = {
  /** Of a batch: the first ids, and how many there were. */
  'agent:registered': z.object({ agentIds: z.array(z.string()), count: z.int() }),
  'agent:unregistered': z.object({ agentId: z.string(), taskCount: z.int() }),
  /** On the bus only, a batch at a time, with the first ids. */
  'agent:heartbeat': z.object({ agentIds: z.array(z.string()), count: z.int() }),
  'agent:changed': z.object({ agentId: z.string(), duty: z.string(), version: z.int() }),
  'agent:suspected': z.object({ agentId: z.string(), timeSinceHeartbeat: z.number() }),
  /** `timeSinceHeartbeat` in milliseconds. */
  'agent:dead': z.object({ agentId: z.string(), timeSinceHeartbeat: z.number() }),
  'agent:revived': z.object({ agentId: z.string(), from: z.enum(['suspected', 'dead']) }),
  'agent:recovery:attempted': z.object({ agentId: z.string() }),
  'agent:recovery:succeeded': z.object({ agentId: z.string() }),
  'agent:recovery:failed': z.object({ agentId: z.string(), error: z.string() }),
  'task:assigned': z.object({ assignments: z.array(z.object({ taskId: z.string(), agentId: z.string() })) }),
  'tasks:reassigned': z.object({ agentId: z.string(), taskCount: z.int() }),
  'handoff:initiated': z.object({
    handoffId: z.string(),
    sessionId: z.string(),
    fromAgent: z.string(),
    toAgent: z.string(),
    taskCount: z.int(),
  }),
} as const;
export type AgentEventName = keyof typeof AGENT_EVENTS;
export type AgentEventPayload<Name extends AgentEventName> = z.infer<(typeof AGENT_EVENTS)[Name]>;
export type AgentEvent = {
  [Name in AgentEventName]: { event: Name } & AgentEventPayload<Name>;
}[AgentEventName];

/** Bus topics: heartbeats as they come in; calls to the dead; agents that were given tasks. */
export const AGENT_HEARTBEATS = 'agents.heartbeats';
export const AGENT_RECOVERY = 'agents.recovery';
export const AGENT_GIVEN = 'agents.given';

/** Makes an event; exists so that its payload is checked where it is made. */
export function agentEvent<Name extends AgentEventName>(
  event: Name,
  payload: AgentEventPayload<Name>,
): { event: Name } & AgentEventPayload<Name> {
  return { event, ...payload };
}
