import type { BatchObserver } from '../platform/batching/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Agent, Heartbeat, RegisterAgent } from './agent.ts';
import type { AgentParts } from './agent-parts.ts';
import { AgentPresence, type HeartbeatAnswer } from './agent-presence.ts';
import { getAgent } from './agent-store.ts';
import { changeDuty, removeAgent } from './duty.ts';
import { forgetOldAgentRecords, type LivenessReport, lookAfterAgents } from './liveness.ts';
import { SettingsCache } from './settings-cache.ts';

export interface AgentsOptions extends AgentParts {
  /** Told how batches go; for metrics. */
  batches?: BatchObserver;
}

/**
 * The agents of all projects: who they are, whether they live, what they are given. All state is in the database (CLU-009,
 * COORD-24): any number of nodes may serve the same agents at once.
 */
export class Agents {
  readonly #parts: AgentParts;
  readonly #settings: SettingsCache;
  readonly #presence: AgentPresence;
  /** Agents that live in this process: they go with it (COORD-73). */
  readonly #own = new Map<string, { projectId: string; agentId: string }>();

  constructor({ batches, ...parts }: AgentsOptions) {
    this.#parts = parts;
    this.#settings = new SettingsCache(parts.database, parts.clock);
    this.#presence = new AgentPresence(parts, this.#settings, batches);
  }

  /**
   * See {@link AgentPresence.register}.
   * @param options.own the agent lives in this process, and is unregistered when it ends.
   */
  async register(
    projectId: string,
    input: RegisterAgent,
    { own = false }: { own?: boolean } = {},
  ): Promise<{ agent: Agent; created: boolean }> {
    const registered = await this.#presence.register(projectId, input);
    const agentId = registered.agent.id;
    if (own) this.#own.set(`${projectId}/${agentId}`, { projectId, agentId });
    return registered;
  }

  /** See {@link AgentPresence.heartbeat}. */
  heartbeat(projectId: string, agentId: string, input: Heartbeat = {}): Promise<HeartbeatAnswer> {
    return this.#presence.heartbeat(projectId, agentId, input);
  }

  /** @throws AGENT_UNKNOWN */
  async get(projectId: string, agentId: string): Promise<Agent> {
    const agent = await getAgent(this.#parts.database, projectId, agentId);
    if (!agent) throw new SignalboxError('AGENT_UNKNOWN', { id: agentId });
    return agent;
  }

  /** It takes nothing new and finishes what it has. @throws AGENT_UNKNOWN, OPTIMISTIC_LOCK */
  drain(projectId: string, agentId: string, actor: string, version?: number): Promise<Agent> {
    return changeDuty(this.#parts, projectId, agentId, 'draining', actor, version);
  }

  /** It takes nothing new, and its silence means nothing (COORD-60). @throws AGENT_UNKNOWN, OPTIMISTIC_LOCK */
  maintain(projectId: string, agentId: string, actor: string, version?: number): Promise<Agent> {
    return changeDuty(this.#parts, projectId, agentId, 'maintenance', actor, version);
  }

  /** On duty again. @throws AGENT_UNKNOWN, OPTIMISTIC_LOCK */
  resume(projectId: string, agentId: string, actor: string, version?: number): Promise<Agent> {
    return changeDuty(this.#parts, projectId, agentId, 'active', actor, version);
  }

  /** See {@link removeAgent}. @throws OPTIMISTIC_LOCK */
  unregister(projectId: string, agentId: string, actor: string, version?: number): Promise<boolean> {
    this.#own.delete(`${projectId}/${agentId}`);
    return removeAgent(this.#parts, projectId, agentId, actor, version);
  }

  /** See {@link lookAfterAgents}. For the scheduler. */
  lookAfter(): Promise<LivenessReport> {
    return lookAfterAgents(this.#parts);
  }

  /** See {@link forgetOldAgentRecords}. For maintenance. */
  forgetOld(): Promise<void> {
    return forgetOldAgentRecords(this.#parts.database);
  }

  /** Unregisters the agents of this process and answers what is under way; those of others stay (COORD-73, CLU-010). Idempotent. */
  async close(): Promise<void> {
    for (const { projectId, agentId } of [...this.#own.values()]) await this.unregister(projectId, agentId, 'system');
    await this.#presence.close();
  }
}
