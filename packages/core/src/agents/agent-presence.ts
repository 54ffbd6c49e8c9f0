import { Batcher, type BatchObserver, type Outcome } from '../platform/batching/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import { type Claim, type ClaimRef, takeGivenTasks } from '../tasks/index.ts';
import {
  type Agent,
  type AgentDuty,
  agentHeartbeatSchema,
  type Heartbeat,
  type RegisterAgent,
  registerAgentSchema,
} from './agent.ts';
import type { AgentParts } from './agent-parts.ts';
import { leaseSecondsOf } from './agent-settings.ts';
import {
  type Beat,
  type BeatVerdict,
  getAgentsByKey,
  type Registration,
  registerAgents,
  takeHeartbeats,
} from './agent-store.ts';
import { HeartbeatHints } from './heartbeat-hints.ts';
import type { SettingsCache } from './settings-cache.ts';

/** What an agent learns by its heartbeat. */
export interface HeartbeatAnswer {
  agentId: string;
  duty: AgentDuty;
  /** Whether it had been taken for suspect or dead (COORD-12). */
  revived: boolean;
  /** Of the claims it named, those it has lost: it must stop working on them. */
  lost: ClaimRef[];
  /** Tasks that were given to it: claimed in its name, with the tokens to write with. */
  assigned: Claim[];
}

/** Who is there: registrations and heartbeats, each a batched statement (design.md §4). */
export class AgentPresence {
  readonly #parts: AgentParts;
  readonly #settings: SettingsCache;
  readonly #hints: HeartbeatHints;
  readonly #registrations: Batcher<Registration, { agent: Agent; created: boolean }>;
  readonly #beats: Batcher<Beat, BeatVerdict | null>;

  constructor(parts: AgentParts, settings: SettingsCache, batches?: BatchObserver) {
    const observed = batches ? { observer: batches } : {};
    this.#parts = parts;
    this.#settings = settings;
    this.#hints = new HeartbeatHints(parts.bus, parts.clock);
    this.#registrations = new Batcher({
      verb: 'agents.register',
      lanes: 2,
      exclusive: ({ project, id }) => [`${project}/${id}`],
      ...observed,
      run: (calls) => this.#registerAll(calls),
    });
    this.#beats = new Batcher({
      verb: 'agents.heartbeat',
      maxBatch: 1_000,
      lanes: 2,
      exclusive: ({ projectId, agentId }) => [`${projectId}/${agentId}`],
      ...observed,
      run: (calls) => this.#beatAll(calls),
    });
  }

  /**
   * Makes an agent known (COORD-10, CLU-001). One that is known already keeps its history and its place among equals, and is
   * alive and on duty again; maintenance stays.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, PROJECT_NOT_FOUND, OVERLOADED
   */
  async register(projectId: string, input: RegisterAgent): Promise<{ agent: Agent; created: boolean }> {
    const { status, ...agent } = parseInput(registerAgentSchema, input);
    // Settings come with the project: without them there is none.
    await this.#settings.get(projectId);
    return this.#registrations.call({
      project: projectId,
      ...agent,
      status: status === 'maintenance' ? 'active' : status,
      duty: status === 'maintenance' ? 'maintenance' : 'active',
    });
  }

  /**
   * Says that an agent is there (COORD-12). Renews the claims it names, and tells which of them are lost and what was given to it.
   * @throws AGENT_UNKNOWN: it must register (again); VALIDATION_FAILED, OVERLOADED
   */
  async heartbeat(projectId: string, agentId: string, input: Heartbeat = {}): Promise<HeartbeatAnswer> {
    const {
      load = null,
      status = null,
      metadata = null,
      claims,
      leaseSeconds,
    } = parseInput(agentHeartbeatSchema, input);
    const verdict = await this.beat(projectId, agentId, { load, status, metadata });
    if (!verdict.given && (claims === undefined || claims.length === 0)) return answerOf(agentId, verdict, [], []);
    const refs = (claims ?? []).map((claim) => ({ projectId, ...claim }));
    const lost = await this.#renew(projectId, refs, leaseSeconds);
    const assigned = verdict.given
      ? await takeGivenTasks(this.#parts.database, projectId, agentId, claims ? refs : null)
      : [];
    return answerOf(agentId, verdict, lost, assigned);
  }

  /** A sign of life and nothing else. @throws AGENT_UNKNOWN, OVERLOADED */
  async beat(
    projectId: string,
    agentId: string,
    said: Pick<Beat, 'load' | 'status' | 'metadata'> = { load: null, status: null, metadata: null },
  ): Promise<BeatVerdict> {
    const verdict = await this.#beats.call({ projectId, agentId, ...said });
    if (!verdict) throw new SignalboxError('AGENT_UNKNOWN', { id: agentId });
    return verdict;
  }

  /** Resolves once all calls made so far are answered, and nothing is sent any more. */
  async close(): Promise<void> {
    await Promise.all([this.#registrations.drain(), this.#beats.drain()]);
    await this.#hints.stop();
  }

  async #renew(projectId: string, claims: readonly ClaimRef[], leaseSeconds: number | undefined): Promise<ClaimRef[]> {
    if (claims.length === 0) return [];
    const seconds = leaseSeconds ?? leaseSecondsOf(await this.#settings.get(projectId));
    return this.#parts.tasks.heartbeat(claims, seconds);
  }

  async #registerAll(calls: readonly Registration[]): Promise<Outcome<{ agent: Agent; created: boolean }>[]> {
    const created = await registerAgents(this.#parts.database, calls);
    signalFeed();
    const keys = calls.map(({ project, id }) => ({ projectId: project, agentId: id }));
    const agents = await getAgentsByKey(this.#parts.database, keys);
    return keys.map(({ agentId }, index) => {
      const agent = agents[index];
      // Unregistered between the two statements.
      if (!agent) return { error: new SignalboxError('AGENT_UNKNOWN', { id: agentId }) };
      return { value: { agent, created: created[index] ?? false } };
    });
  }

  async #beatAll(calls: readonly Beat[]) {
    const verdicts = await takeHeartbeats(this.#parts.database, calls);
    let revived = false;
    for (const [index, verdict] of verdicts.entries()) {
      const call = calls[index];
      if (!verdict || !call) continue;
      this.#hints.heard(call.projectId, call.agentId);
      revived ||= verdict.liveness !== 'alive';
    }
    if (revived) signalFeed();
    return verdicts.map((value) => ({ value }));
  }
}

function answerOf(
  agentId: string,
  { duty, liveness }: BeatVerdict,
  lost: HeartbeatAnswer['lost'],
  assigned: HeartbeatAnswer['assigned'],
): HeartbeatAnswer {
  return { agentId, duty, revived: liveness !== 'alive', lost, assigned };
}
