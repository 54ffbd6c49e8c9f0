import type { AssignableTask } from '../tasks/index.ts';
import { satisfiesAll } from './capability.ts';
import type { Candidate, Rotation, Strategy } from './strategies/index.ts';

/** Which agent gets a task. */
export interface Choice {
  taskId: string;
  agentId: string;
}

/**
 * Chooses agents for tasks, in the tasks' order (COORD-22). Room is looked at anew for each task; one that suits nobody does not hold up
 * those behind it; one that went wrong goes to somebody else where somebody else suits (COORD-42). Loads and rotation are
 * changed to what they will be.
 *
 * @param candidates agents that may get work, in the order of registration.
 * @param past what an agent made of such tasks; asked only where the strategy wants to know.
 */
export function planAssignments<C extends Candidate>(
  tasks: readonly AssignableTask[],
  candidates: readonly C[],
  strategy: Strategy,
  rotation: Rotation,
  past: (candidate: C, task: AssignableTask) => Candidate['past'],
): Choice[] {
  const choices: Choice[] = [];
  const able = new Map<string, readonly C[]>();
  for (const task of tasks) {
    const needs = JSON.stringify(task.required);
    const known = able.get(needs) ?? candidates.filter(({ capabilities }) => satisfiesAll(capabilities, task.required));
    able.set(needs, known);
    const suitable = known.filter(({ load, maxLoad }) => load < maxLoad);
    const others = suitable.filter(({ id }) => id !== task.failedBy);
    const eligible = others.length > 0 ? others : suitable;
    if (eligible.length === 0) continue;
    if (strategy.usesPast) for (const candidate of eligible) candidate.past = past(candidate, task);
    const chosen = strategy.choose(task, eligible, rotation);
    rotation.last = chosen.seq;
    chosen.load += 1;
    choices.push({ taskId: task.taskId, agentId: chosen.id });
  }
  return choices;
}
