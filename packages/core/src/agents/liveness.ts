import type { Bus } from '../platform/bus/index.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { recordFeeds } from '../platform/feed/index.ts';
import { expireClaims } from '../tasks/index.ts';
import { AGENT_RECOVERY, type AgentEvent, agentEvent } from './agent-events.ts';
import { forgetOld, markRecoveries, type Recovery, type SilentAgent, scanAgents } from './liveness-store.ts';
import type { AgentLocks } from './lock-port.ts';

/** A pause between scans after which silence counts anew, in seconds: then we were away, not the agents. */
const GAP_SECONDS = 60;
/** How long it is remembered where agents worked, in days; how well they do a type of task stays. */
const PLACE_DAYS = 90;

interface LivenessParts {
  database: Database;
  bus: Bus;
  locks: AgentLocks;
}

/** What one look at the agents found. */
export interface LivenessReport {
  suspected: SilentAgent[];
  /** With how many tasks each of them held. */
  dead: (SilentAgent & { taskCount: number })[];
  recoveries: Recovery[];
}

/**
 * Looks for agents that were silent for too long (COORD-60…62, CLU-004). The dead lose their tasks and locks in the same
 * transaction: from its commit on whatever they write is refused, and the reaper's next look gives the tasks to others. Safe on any
 * number of nodes at once; they take turns.
 */
export async function lookAfterAgents({ database, bus, locks }: LivenessParts): Promise<LivenessReport> {
  return database.transaction(
    async (tx) => {
      const silent = await scanAgents(tx, GAP_SECONDS);
      const suspected = silent.filter(({ liveness }) => liveness === 'suspected');
      const dead: LivenessReport['dead'] = [];
      for (const [projectId, agents] of byProject(silent)) {
        const gone = agents.filter(({ liveness }) => liveness === 'dead');
        const counts = await takeAway(
          tx,
          projectId,
          gone.map(({ agentId }) => agentId),
          locks,
        );
        dead.push(...gone.map((agent) => ({ ...agent, taskCount: counts.get(agent.agentId) ?? 0 })));
        await recordFeeds(
          tx,
          projectId,
          'agent',
          agents.flatMap((agent) => eventsOf(agent, counts)),
        );
      }
      const recoveries = await markRecoveries(tx);
      for (const [projectId, agents] of byProject(recoveries)) {
        await recordFeeds(tx, projectId, 'agent', agents.map(recoveryEvent));
        for (const { agentId, recovery } of agents) {
          if (recovery === 'attempted') {
            tx.afterCommit(() => bus.publish(AGENT_RECOVERY, { type: 'ping', projectId, agentId }));
          }
        }
      }
      return { suspected, dead, recoveries };
    },
    { retries: 3 },
  );
}

/** Keeps what is remembered of agents within its bounds. */
export function forgetOldAgentRecords(database: Database): Promise<void> {
  return forgetOld(database, PLACE_DAYS);
}

async function takeAway(
  tx: Transaction,
  projectId: string,
  agentIds: readonly string[],
  locks: AgentLocks,
): Promise<Map<string, number>> {
  if (agentIds.length === 0) return new Map();
  const counts = await expireClaims(tx, projectId, agentIds);
  for (const agentId of agentIds) await locks.releaseFor(tx, projectId, { agentId });
  return counts;
}

function eventsOf({ agentId, liveness, silentMs }: SilentAgent, counts: ReadonlyMap<string, number>): AgentEvent[] {
  const payload = { agentId, timeSinceHeartbeat: silentMs };
  if (liveness === 'suspected') return [agentEvent('agent:suspected', payload)];
  const taskCount = counts.get(agentId) ?? 0;
  return [agentEvent('tasks:reassigned', { agentId, taskCount }), agentEvent('agent:dead', payload)];
}

function recoveryEvent({ agentId, recovery }: Recovery): AgentEvent {
  if (recovery === 'attempted') return agentEvent('agent:recovery:attempted', { agentId });
  return agentEvent('agent:recovery:failed', { agentId, error: 'no heartbeat in time' });
}

function byProject<Row extends { projectId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const projects = new Map<string, Row[]>();
  for (const row of rows) {
    const known = projects.get(row.projectId);
    if (known) known.push(row);
    else projects.set(row.projectId, [row]);
  }
  return projects;
}
