import { recordAudit } from '../audit/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import { expireClaims, holdTasksOf, SESSION_RUN } from '../tasks/index.ts';
import type { Agent, AgentDuty } from './agent.ts';
import { agentEvent } from './agent-events.ts';
import { type AgentParts, RETRIES } from './agent-parts.ts';
import { deleteAgent, getAgent, type LockedAgent, lockAgents, updateDuty } from './agent-store.ts';

/** Locks an agent's row. @throws AGENT_UNKNOWN, OPTIMISTIC_LOCK where the version given is not the present one */
async function lockAgent(
  tx: Transaction,
  projectId: string,
  agentId: string,
  version: number | undefined,
): Promise<LockedAgent> {
  const [agent] = await lockAgents(tx, projectId, [agentId]);
  if (!agent) throw new SignalboxError('AGENT_UNKNOWN', { id: agentId });
  if (version !== undefined && version !== agent.version) {
    throw new SignalboxError('OPTIMISTIC_LOCK', {
      noun: 'agent',
      id: agentId,
      expected: agent.version,
      received: version,
    });
  }
  return agent;
}

/** What people decide about an agent. Setting what is set already changes nothing. */
export async function changeDuty(
  { database }: Pick<AgentParts, 'database'>,
  projectId: string,
  agentId: string,
  duty: AgentDuty,
  actor: string,
  version?: number,
): Promise<Agent> {
  return database.transaction(
    async (tx) => {
      const before = await lockAgent(tx, projectId, agentId, version);
      if (before.duty !== duty) {
        const after = await updateDuty(tx, projectId, agentId, duty);
        await recordFeed(tx, projectId, 'agent', agentEvent('agent:changed', { agentId, duty, version: after }));
        await recordAudit(tx, projectId, {
          actor,
          action: `agent.${duty === 'active' ? 'resume' : duty === 'draining' ? 'drain' : 'maintain'}`,
          subjectType: 'agent',
          subjectId: agentId,
          versionBefore: before.version,
          versionAfter: after,
          changes: { duty: { before: before.duty, after: duty } },
        });
      }
      const agent = await getAgent(tx, projectId, agentId);
      if (!agent) throw new SignalboxError('AGENT_UNKNOWN', { id: agentId });
      return agent;
    },
    { retries: RETRIES },
  );
}

/**
 * Forgets an agent (COORD-11, CLU-002): its tasks go back unworked, its locks are released; what it did stays in the project's
 * figures. Runs of sessions cannot go back as if nothing had happened: they are lost, and their sessions settled as after a death.
 * @returns false when there was no such agent.
 */
export async function removeAgent(
  { database, tasks, locks }: Pick<AgentParts, 'database' | 'tasks' | 'locks'>,
  projectId: string,
  agentId: string,
  actor: string,
  version?: number,
): Promise<boolean> {
  return database.transaction(
    async (tx) => {
      const [found] = await lockAgents(tx, projectId, [agentId]);
      if (!found) return false;
      const agent = await lockAgent(tx, projectId, agentId, version);
      const held = await holdTasksOf(tx, projectId, agentId);
      const queue = tasks.within(tx);
      for (const claim of held.filter(({ type }) => type !== SESSION_RUN)) await queue.release({ projectId, ...claim });
      await expireClaims(tx, projectId, [agentId]);
      await locks.releaseFor(tx, projectId, { agentId });
      await deleteAgent(tx, projectId, agentId);
      await recordFeed(tx, projectId, 'agent', agentEvent('agent:unregistered', { agentId, taskCount: held.length }));
      await recordAudit(tx, projectId, {
        actor,
        action: 'agent.unregister',
        subjectType: 'agent',
        subjectId: agentId,
        versionBefore: agent.version,
        details: { tasks: held.map(({ taskId }) => taskId) },
      });
      return true;
    },
    { retries: RETRIES },
  );
}
