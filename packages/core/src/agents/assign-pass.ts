import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { recordFeeds } from '../platform/feed/index.ts';
import { type AssignableTask, type AssignedTask, findAssignable, findRequirements } from '../tasks/index.ts';
import { isEligible } from './agent.ts';
import { AGENT_GIVEN, agentEvent } from './agent-events.ts';
import { type AgentParts, RETRIES } from './agent-parts.ts';
import { leaseSecondsOf } from './agent-settings.ts';
import { getAgentSettings } from './agent-settings-store.ts';
import { getAgents } from './agent-store.ts';
import { type AgentOutcome, findOutcomes, lockPass, updateRotation } from './assignment-store.ts';
import { satisfies } from './capability.ts';
import { planAssignments } from './plan-assignments.ts';
import { type Candidate, createStrategy } from './strategies/index.ts';

/** Tasks looked at together. */
const PAGE = 500;
/** Assignments told in one entry of the feed. */
const TOLD = 50;

type PassCandidate = Candidate & { outcomes: readonly AgentOutcome[] };

/**
 * Gives ready tasks of the project's `assignQueues` to agents that may get work, in the queues' order (COORD-22, 40, CLU-025).
 * Passes of one project go one after the other over all nodes, and each claims what it gives in one statement, so no task
 * goes to two agents and no agent beyond its capacity. Answers what was given.
 */
export async function runAssignPass(
  { database, bus, tasks }: Pick<AgentParts, 'database' | 'bus' | 'tasks'>,
  projectId: string,
): Promise<AssignedTask[]> {
  return database.transaction(
    async (tx) => {
      const last = await lockPass(tx, projectId);
      const settings = last === null ? null : await getAgentSettings(tx, projectId);
      if (last === null || !settings) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
      const { assignQueues: queues, strategy: chosen } = settings;
      if (queues.length === 0) return [];
      const candidates = await findCandidates(tx, projectId);
      const strategy = createStrategy(chosen.type, chosen.config);
      const rotation = { last };
      const given: AssignedTask[] = [];
      const able = await ableOf(tx, projectId, queues, candidates);
      let page: AssignableTask[] = [];
      do {
        if (!candidates.some(hasRoom)) break;
        page = await findAssignable(tx, projectId, queues, able, page.at(-1)?.place ?? null, PAGE);
        if (strategy.usesPast) await learn(tx, projectId, candidates, page);
        const choices = planAssignments(page, candidates, strategy, rotation, pastOf);
        const assigned =
          choices.length > 0 ? await tasks.within(tx).assign(projectId, choices, leaseSecondsOf(settings)) : [];
        giveRoomBack(candidates, choices, assigned);
        given.push(...assigned);
      } while (page.length === PAGE);
      if (given.length > 0) {
        if (rotation.last !== last) await updateRotation(tx, projectId, rotation.last);
        await tell(tx, projectId, given);
        const agentIds = [...new Set(given.map(({ agent }) => agent))];
        tx.afterCommit(() => bus.publish(AGENT_GIVEN, { projectId, agentIds }));
      }
      return given;
    },
    { retries: RETRIES },
  );
}

async function findCandidates(tx: Transaction, projectId: string): Promise<PassCandidate[]> {
  const agents = await getAgents(tx, projectId);
  return agents
    .filter(({ agent }) => isEligible(agent.status))
    .map(({ agent, seq }) => ({ ...agent, seq, past: [], outcomes: [] }));
}

/** Everything required by ready tasks that somebody with room can do. */
async function ableOf(
  tx: Transaction,
  projectId: string,
  queues: readonly string[],
  candidates: readonly Candidate[],
): Promise<string[]> {
  if (candidates.length === 0) return [];
  const required = await findRequirements(tx, projectId, queues);
  const open = candidates.filter(hasRoom);
  return required.filter((requirement) => open.some(({ capabilities }) => satisfies(capabilities, requirement)));
}

async function learn(
  tx: Transaction,
  projectId: string,
  candidates: readonly PassCandidate[],
  page: readonly AssignableTask[],
): Promise<void> {
  const types = [...new Set(page.map(({ type }) => type))];
  const places = [...new Set(page.flatMap((task) => task.places))];
  const ids = candidates.map(({ id }) => id);
  const outcomes = await findOutcomes(tx, projectId, ids, types, places);
  for (const candidate of candidates) candidate.outcomes = outcomes.filter(({ agentId }) => agentId === candidate.id);
}

function pastOf({ outcomes }: PassCandidate, task: AssignableTask): readonly AgentOutcome[] {
  return outcomes.filter(({ type, place }) => type === task.type && (place === '' || task.places.includes(place)));
}

/** What was chosen but could not be claimed takes no room. */
function giveRoomBack(
  candidates: readonly Candidate[],
  choices: readonly { taskId: string; agentId: string }[],
  assigned: readonly AssignedTask[],
): void {
  const claimed = new Set(assigned.map(({ taskId }) => taskId));
  for (const { taskId, agentId } of choices) {
    const candidate = claimed.has(taskId) ? null : candidates.find(({ id }) => id === agentId);
    if (candidate) candidate.load -= 1;
  }
}

async function tell(tx: Transaction, projectId: string, given: readonly AssignedTask[]): Promise<void> {
  const entries = [];
  for (let from = 0; from < given.length; from += TOLD) {
    const assignments = given.slice(from, from + TOLD).map(({ taskId, agent }) => ({ taskId, agentId: agent }));
    entries.push(agentEvent('task:assigned', { assignments }));
  }
  await recordFeeds(tx, projectId, 'agent', entries);
}

function hasRoom({ load, maxLoad }: Candidate): boolean {
  return load < maxLoad;
}
