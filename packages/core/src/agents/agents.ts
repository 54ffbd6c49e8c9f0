import { recordAudit } from '../audit/index.ts';
import type { BatchObserver } from '../platform/batching/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import type { ListQuery, Page } from '../platform/query/index.ts';
import type { AssignedTask, Claim } from '../tasks/index.ts';
import type { Agent, Heartbeat, RegisterAgent } from './agent.ts';
import { pageAgents } from './agent-list-store.ts';
import type { AgentMetrics } from './agent-metrics.ts';
import { type AgentCount, countAgents, readAgentMetrics } from './agent-metrics-store.ts';
import type { AgentParts } from './agent-parts.ts';
import { AgentPresence, type HeartbeatAnswer } from './agent-presence.ts';
import {
  type AgentSettings,
  leaseSecondsOf,
  type UpdateAgentSettings,
  updateAgentSettingsSchema,
} from './agent-settings.ts';
import { getAgentSettings, updateAgentSettings } from './agent-settings-store.ts';
import { getAgent } from './agent-store.ts';
import { runAssignPass } from './assign-pass.ts';
import { Assigner } from './assigner.ts';
import { findPushedProjects } from './assignment-store.ts';
import { type ClaimWork, claimWork } from './claim-work.ts';
import { type CoordinationEvent, CoordinationEvents } from './coordination-events.ts';
import { changeDuty, removeAgent } from './duty.ts';
import { handOff } from './hand-off.ts';
import type { HandOff, Handoff } from './handoff.ts';
import { pageHandoffs } from './handoff-store.ts';
import { forgetOldAgentRecords, type LivenessReport, lookAfterAgents } from './liveness.ts';
import { RequirementCache } from './requirement-cache.ts';
import { SettingsCache } from './settings-cache.ts';

export interface AgentsOptions extends AgentParts {
  /** Told how batches go; for metrics. */
  batches?: BatchObserver;
  /** Told of passes that failed in the background. */
  onError?: (error: unknown) => void;
}

/**
 * The agents of all projects: who they are, whether they live, what they are given. All state is in the database (CLU-009,
 * COORD-24): any number of nodes may serve the same agents at once.
 */
export class Agents {
  readonly #parts: AgentParts;
  readonly #settings: SettingsCache;
  readonly #presence: AgentPresence;
  readonly #requirements: RequirementCache;
  readonly #assigner: Assigner;
  /** Agents that live in this process: they go with it (COORD-73). */
  readonly #events: CoordinationEvents;
  readonly #closing = new AbortController();
  readonly #own = new Map<string, { projectId: string; agentId: string }>();

  constructor({ batches, onError = () => undefined, ...parts }: AgentsOptions) {
    this.#parts = parts;
    this.#settings = new SettingsCache(parts.database, parts.clock);
    this.#presence = new AgentPresence(parts, this.#settings, batches);
    this.#requirements = new RequirementCache(parts.database, parts.clock);
    this.#events = new CoordinationEvents(parts.tasks, onError);
    this.#assigner = new Assigner(parts, this.#settings, (error) => this.#events.failed(error));
  }

  /** Calls back with what this process sees of coordination (COORD-74). Returns the unsubscribe. */
  onEvent(listener: (event: CoordinationEvent) => void): () => void {
    return this.#events.on(listener);
  }

  /** From now on what this process sees happen to tasks and agents is followed by passes that give work to agents. Idempotent. */
  start(): void {
    this.#assigner.start();
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
    this.#assigner.request(projectId);
    return registered;
  }

  /** See {@link AgentPresence.heartbeat}. */
  async heartbeat(projectId: string, agentId: string, input: Heartbeat = {}): Promise<HeartbeatAnswer> {
    const answer = await this.#presence.heartbeat(projectId, agentId, input);
    if (answer.revived) this.#assigner.request(projectId);
    return answer;
  }

  /** See {@link claimWork}. It is a sign of life. */
  async claim(projectId: string, agentId: string, input: ClaimWork = {}, signal?: AbortSignal): Promise<Claim[]> {
    const settings = await this.#settings.get(projectId);
    await this.#presence.beat(projectId, agentId);
    const parts = { ...this.#parts, requirements: this.#requirements };
    const ends = this.#closing.signal;
    const until = signal ? AbortSignal.any([signal, ends]) : ends;
    return claimWork(parts, projectId, agentId, input, leaseSecondsOf(settings), until);
  }

  /** See {@link pageAgents}. */
  list(projectId: string, query: ListQuery = {}): Promise<Page<Agent>> {
    return pageAgents(this.#parts.database, projectId, query);
  }

  /** How the project's agents do, from the tables (COORD-70…72). */
  metrics(projectId: string): Promise<AgentMetrics> {
    return readAgentMetrics(this.#parts.database, projectId);
  }

  /** See {@link countAgents}. */
  counts(): Promise<AgentCount[]> {
    return countAgents(this.#parts.database);
  }

  /** See {@link handOff}. */
  async handOff(projectId: string, input: HandOff, actor: string): Promise<Handoff> {
    const handoff = await handOff(this.#parts, projectId, input, actor);
    this.#assigner.request(projectId);
    return handoff;
  }

  /** See {@link pageHandoffs}. */
  handoffs(projectId: string, query: ListQuery = {}): Promise<Page<Handoff>> {
    return pageHandoffs(this.#parts.database, projectId, query);
  }

  /** @throws PROJECT_NOT_FOUND */
  async settings(projectId: string): Promise<AgentSettings> {
    const settings = await getAgentSettings(this.#parts.database, projectId);
    if (!settings) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
    return settings;
  }

  /** Changes what is given, and leaves the rest. @throws VALIDATION_FAILED, PROJECT_NOT_FOUND, OPTIMISTIC_LOCK */
  async configure(
    projectId: string,
    input: UpdateAgentSettings,
    actor: string,
    version?: number,
  ): Promise<AgentSettings> {
    const change = parseInput(updateAgentSettingsSchema, input);
    const after = await this.#parts.database.transaction(async (tx) => {
      const before = await getAgentSettings(tx, projectId);
      if (!before) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
      const settings = await updateAgentSettings(tx, projectId, version, change);
      if (!settings) {
        throw new SignalboxError('OPTIMISTIC_LOCK', {
          noun: 'agent settings',
          id: projectId,
          expected: before.version,
          received: version,
        });
      }
      await recordAudit(tx, projectId, {
        actor,
        action: 'agent.configure',
        subjectType: 'project',
        subjectId: projectId,
        versionBefore: before.version,
        versionAfter: settings.version,
        details: { fields: Object.keys(change) },
      });
      return settings;
    });
    this.#settings.forget(projectId);
    this.#assigner.request(projectId);
    return after;
  }

  /** Gives ready work of one project to agents. See {@link runAssignPass}. */
  assign(projectId: string): Promise<AssignedTask[]> {
    return runAssignPass(this.#parts, projectId);
  }

  /** {@link assign} in every project that gives work to agents: what nobody saw happen. For the scheduler. */
  async assignAll(): Promise<AssignedTask[]> {
    const given: AssignedTask[] = [];
    for (const projectId of await findPushedProjects(this.#parts.database))
      given.push(...(await this.assign(projectId)));
    return given;
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
  async resume(projectId: string, agentId: string, actor: string, version?: number): Promise<Agent> {
    const agent = await changeDuty(this.#parts, projectId, agentId, 'active', actor, version);
    this.#assigner.request(projectId);
    return agent;
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
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#assigner.stop();
    const own = [...this.#own.values()];
    for (const { projectId, agentId } of own) await this.unregister(projectId, agentId, 'system');
    await this.#presence.close();
    this.#events.close(own);
  }
}
