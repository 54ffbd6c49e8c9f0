import { z } from 'zod';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { type Claim, DEFAULT_QUEUE, queueNameSchema, takeGivenTasks, taskTypeSchema } from '../tasks/index.ts';
import { type Agent, isEligible } from './agent.ts';
import { AGENT_GIVEN } from './agent-events.ts';
import type { AgentParts } from './agent-parts.ts';
import { getAgent } from './agent-store.ts';
import { hasVersions, satisfies } from './capability.ts';
import type { RequirementCache } from './requirement-cache.ts';

export const claimWorkSchema = z.strictObject({
  queues: z.array(queueNameSchema).min(1).max(20).default([DEFAULT_QUEUE]),
  /** Left out: any. */
  types: z.array(taskTypeSchema).min(1).max(100).optional(),
  /** Most tasks to get; its capacity bounds it further. */
  limit: z.int().min(1).max(2_000).default(1),
  /** How long to wait for the first one. */
  waitSeconds: z.number().min(0).max(30).default(0),
  /** How long its claims last from now; default the time after which a silent agent is dead. */
  leaseSeconds: z.number().min(1).max(600).optional(),
});
export type ClaimWork = z.input<typeof claimWorkSchema>;

/** How long one look waits, in milliseconds; then requirements that came up meanwhile are known. */
const SLICE_MS = 1_000;
const busSchema = z.object({ projectId: z.string(), agentIds: z.array(z.string()) });

interface ClaimWorkParts extends AgentParts {
  requirements: RequirementCache;
}

/**
 * Takes work for an agent: first what was given to it, then what is ready in the queues and within its abilities and its room.
 * Waits for the first if asked to. An agent that is not on duty gets what it was given, and nothing new.
 * @throws AGENT_UNKNOWN, AGENT_UNAVAILABLE, AGENT_FULL, VALIDATION_FAILED, OVERLOADED
 */
export async function claimWork(
  parts: ClaimWorkParts,
  projectId: string,
  agentId: string,
  input: ClaimWork,
  defaultLease: number,
  signal?: AbortSignal,
): Promise<Claim[]> {
  const { limit, waitSeconds, leaseSeconds = defaultLease, queues, types = null } = parseInput(claimWorkSchema, input);
  const { database, clock, tasks } = parts;
  const until = clock.monotonic() + waitSeconds * 1_000;
  const given = watchGiven(parts, projectId, agentId);
  try {
    for (;;) {
      const woken = given.next();
      let assigned = await takeGivenTasks(database, projectId, agentId, null);
      const agent = await getAgent(database, projectId, agentId);
      if (!agent) throw new SignalboxError('AGENT_UNKNOWN', { id: agentId });
      // What fills it up may have been given to it between the two looks.
      if (assigned.length === 0 && agent.load >= agent.maxLoad) {
        assigned = await takeGivenTasks(database, projectId, agentId, null);
      }
      const room = Math.min(limit - assigned.length, agent.maxLoad - agent.load);
      if (assigned.length > 0 && (room <= 0 || !isEligible(agent.status))) return assigned;
      assertRoom(agent);
      const left = assigned.length > 0 ? 0 : Math.max(0, until - clock.monotonic());
      const claims = await tasks.claim(projectId, {
        agent: agentId,
        queues,
        types,
        able: await ableOf(parts, agent, queues),
        limit: room,
        leaseSeconds,
        waitMs: Math.min(left, SLICE_MS),
        signal: signal ? AbortSignal.any([signal, woken]) : woken,
      });
      const got = [...assigned, ...claims];
      if (got.length > 0 || clock.monotonic() >= until || signal?.aborted) return got;
    }
  } finally {
    given.stop();
  }
}

/** @throws AGENT_UNAVAILABLE, AGENT_FULL */
export function assertRoom({ id, status, load, maxLoad }: Agent): void {
  if (load >= maxLoad && (isEligible(status) || status === 'busy'))
    throw new SignalboxError('AGENT_FULL', { id, load, maxLoad });
  if (!isEligible(status)) throw new SignalboxError('AGENT_UNAVAILABLE', { id, status });
}

/** Which requirements the agent satisfies: its capabilities by name, and every range that its versions lie in. */
async function ableOf(
  { requirements }: ClaimWorkParts,
  { projectId, capabilities }: Agent,
  queues: readonly string[],
): Promise<string[]> {
  const names = capabilities.map(({ name }) => name);
  if (!hasVersions(capabilities)) return names;
  const ranges = (await requirements.get(projectId, queues)).filter((requirement) => requirement.includes('@'));
  return [...names, ...ranges.filter((requirement) => satisfies(capabilities, requirement))].sort();
}

/** Ends waits of this agent when it is given something. */
function watchGiven({ bus }: AgentParts, projectId: string, agentId: string) {
  let current = new AbortController();
  const stop = bus.subscribe(AGENT_GIVEN, (message) => {
    const parsed = busSchema.safeParse(message);
    const mine = parsed.success && parsed.data.projectId === projectId && parsed.data.agentIds.includes(agentId);
    // Null after a gap on the bus: it may have been for this one.
    if (mine || message === null) current.abort();
  });
  return {
    stop,
    /** A signal for what comes from now on. */
    next: (): AbortSignal => {
      current = new AbortController();
      return current.signal;
    },
  };
}
