import {
  type ActionOptions,
  acting,
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  Agent,
  AgentHeartbeat,
  AgentHeartbeatAnswer,
  AgentMetrics,
  AgentSettings,
  Claim,
  ClaimWork,
  HandOff,
  Handoff,
  ListQuery,
  Page,
  RegisterAgent,
  UpdateAgentSettings,
} from '../types.ts';

/** Registered workers: who they are, how they stand, what they are given. */
export function agentMethods({ http, creating }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Agent>> =>
      answerOf(http.GET('/api/v1/agents', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Agent> =>
      answerOf(http.GET('/api/v1/agents/{id}', { ...ofId(id), ...options })),
    /** Safe to repeat: one that is registered already keeps its history. */
    register: (agent: RegisterAgent, options: CallOptions = {}): Promise<Agent> =>
      answerOf(http.POST('/api/v1/agents', { body: agent, ...options })),
    /** `AGENT_UNKNOWN`: register again. */
    heartbeat: (id: string, said: AgentHeartbeat = {}, options: CallOptions = {}): Promise<AgentHeartbeatAnswer> =>
      answerOf(http.POST('/api/v1/agents/{id}/heartbeat', { ...ofId(id), body: said, ...options })),
    /** What it was given, then ready work within its abilities; waits up to `waitSeconds` for the first. */
    claim: async (id: string, asked: ClaimWork = {}, options: CallOptions = {}): Promise<Claim[]> =>
      (await answerOf(http.POST('/api/v1/agents/{id}/claim', { ...ofId(id), body: asked, ...options }))).items,
    /** It finishes what it has and takes nothing new. */
    drain: (id: string, options?: ActionOptions): Promise<Agent> =>
      answerOf(http.POST('/api/v1/agents/{id}/drain', { ...ofId(id), ...acting(options) })),
    maintain: (id: string, options?: ActionOptions): Promise<Agent> =>
      answerOf(http.POST('/api/v1/agents/{id}/maintenance', { ...ofId(id), ...acting(options) })),
    /** On duty again. */
    resume: (id: string, options?: ActionOptions): Promise<Agent> =>
      answerOf(http.POST('/api/v1/agents/{id}/resume', { ...ofId(id), ...acting(options) })),
    /** Its tasks go back, its locks are released. */
    unregister: (id: string, options?: ActionOptions): Promise<void> =>
      succeeded(http.DELETE('/api/v1/agents/{id}', { ...ofId(id), ...acting(options) })),
    /** Makes a session with its tasks, locks and journal another agent's. */
    handOff: (request: HandOff, options?: CreateOptions): Promise<Handoff> =>
      answerOf(http.POST('/api/v1/agents/handoffs', { body: request, ...creating(options) })),
    handoffs: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Handoff>> =>
      answerOf(http.GET('/api/v1/agents/handoffs', { params: { query }, ...options })),
    metrics: (options: CallOptions = {}): Promise<AgentMetrics> =>
      answerOf(http.GET('/api/v1/agents/metrics', { ...options })),
    settings: (options: CallOptions = {}): Promise<AgentSettings> =>
      answerOf(http.GET('/api/v1/agents/settings', { ...options })),
    configure: (version: number, change: UpdateAgentSettings, options: CallOptions = {}): Promise<AgentSettings> =>
      answerOf(
        http.PATCH('/api/v1/agents/settings', { params: { header: ifMatch(version) }, body: change, ...options }),
      ),
  };
}
