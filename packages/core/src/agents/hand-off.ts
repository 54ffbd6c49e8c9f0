import { recordAudit } from '../audit/index.ts';
import { appendInTransaction, setFence } from '../journal/index.ts';
import type { Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import { findHeldTasks, type HeldTask, handOverClaims } from '../tasks/index.ts';
import type { Agent } from './agent.ts';
import { AGENT_GIVEN, agentEvent } from './agent-events.ts';
import { type AgentParts, RETRIES } from './agent-parts.ts';
import { leaseSecondsOf } from './agent-settings.ts';
import { getAgentSettings } from './agent-settings-store.ts';
import { getAgentsByKey, lockAgents } from './agent-store.ts';
import { satisfies } from './capability.ts';
import { assertRoom } from './claim-work.ts';
import { type HandOff, type Handoff, handOffSchema } from './handoff.ts';
import { insertHandoff } from './handoff-store.ts';

/**
 * Makes a session another agent's, in one transaction (COORD-50): the claims of all its tasks that the old one holds go over with one
 * new token, its locks with them, and the journal says so; what follows there can only be written under the new token. From
 * the commit on, whatever the old agent writes is refused with `CLAIM_LOST`.
 *
 * @throws HANDOFF_TO_SELF, AGENT_UNKNOWN, HANDOFF_NOT_OWNED, AGENT_UNAVAILABLE or AGENT_FULL for the new agent, AGENT_INCAPABLE,
 *   SESSION_NOT_FOUND, SESSION_EXPIRED, VALIDATION_FAILED. Nothing has changed then.
 */
export async function handOff(parts: AgentParts, projectId: string, input: HandOff, actor: string): Promise<Handoff> {
  const request = parseInput(handOffSchema, input);
  const { sessionId, fromAgent, toAgent } = request;
  if (fromAgent === toAgent) throw new SignalboxError('HANDOFF_TO_SELF', { id: fromAgent });
  return parts.database.transaction(
    async (tx) => {
      const target = await lockBoth(tx, projectId, fromAgent, toAgent);
      const held = await findHeldTasks(tx, projectId, fromAgent);
      const moving = held.filter((task) => task.sessionId === sessionId);
      assertTakes(target, moving, request);
      const settings = await getAgentSettings(tx, projectId);
      if (!settings) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
      const lease = leaseSecondsOf(settings);
      const moved = await handOverClaims(tx, projectId, sessionId, fromAgent, toAgent, lease);
      const [first] = moved;
      // They ended while we looked.
      if (!first) throw new SignalboxError('HANDOFF_NOT_OWNED', { agent: fromAgent, sessionId });
      const taskIds = moved.map(({ taskId }) => taskId);
      const { token } = first;
      const locks = await parts.locks.handOver(tx, projectId, sessionId, toAgent);
      const [event] = await appendInTransaction(
        tx,
        projectId,
        sessionId,
        [journalEvent({ ...request, by: actor, taskIds, locks })],
        { at: parts.clock.now(), ids: parts.ids },
      );
      await setFence(tx, projectId, sessionId, token);
      const handoff = await insertHandoff(tx, {
        ...request,
        id: parts.ids.uuid(),
        projectId,
        taskIds,
        journalSeq: event?.seq ?? 0,
        token,
      });
      await recordFeed(
        tx,
        projectId,
        'agent',
        agentEvent('handoff:initiated', {
          handoffId: handoff.id,
          sessionId,
          fromAgent,
          toAgent,
          taskCount: taskIds.length,
        }),
      );
      await recordAudit(tx, projectId, {
        actor,
        action: 'session.handoff',
        subjectType: 'session',
        subjectId: sessionId,
        changes: { agent: { before: fromAgent, after: toAgent } },
        details: { handoffId: handoff.id, reason: request.reason, taskIds, locks },
      });
      tx.afterCommit(() => parts.bus.publish(AGENT_GIVEN, { projectId, agentIds: [toAgent] }));
      return handoff;
    },
    { retries: RETRIES },
  );
}

async function lockBoth(tx: Transaction, projectId: string, from: string, to: string): Promise<Agent> {
  const locked = await lockAgents(tx, projectId, [from, to]);
  for (const id of [from, to]) {
    if (!locked.some((agent) => agent.id === id)) throw new SignalboxError('AGENT_UNKNOWN', { id });
  }
  const [target] = await getAgentsByKey(tx, [{ projectId, agentId: to }]);
  if (!target) throw new SignalboxError('AGENT_UNKNOWN', { id: to });
  return target;
}

function assertTakes(
  target: Agent,
  moving: readonly HeldTask[],
  { fromAgent, sessionId }: { fromAgent: string; sessionId: string },
): void {
  if (moving.length === 0) throw new SignalboxError('HANDOFF_NOT_OWNED', { agent: fromAgent, sessionId });
  assertRoom(target);
  const { id, load, maxLoad, capabilities } = target;
  if (load + moving.length > maxLoad) throw new SignalboxError('AGENT_FULL', { id, load, maxLoad });
  const required = [...new Set(moving.flatMap((task) => task.required))];
  const missing = required.filter((requirement) => !satisfies(capabilities, requirement));
  if (missing.length > 0) throw new SignalboxError('AGENT_INCAPABLE', { id, missing });
}

function journalEvent({
  fromAgent,
  toAgent,
  ...rest
}: Pick<Handoff, 'fromAgent' | 'toAgent' | 'reason' | 'context' | 'taskIds'> & { by: string; locks: number }) {
  const { reason, context, taskIds, by, locks } = rest;
  return {
    type: 'handoff' as const,
    actor: fromAgent,
    changeInfo: { elementType: 'session' as const, entityIds: [], operation: 'modified' as const },
    payload: { from: fromAgent, to: toAgent, by, reason, context, taskIds, locks },
  };
}
