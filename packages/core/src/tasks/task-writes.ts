import type { Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import { redactPlain } from '../platform/redaction/index.ts';
import { countedWork } from './activity.ts';
import { type LostClaim, reapClaims, writeOutClaims } from './claim-store.ts';
import { makeChildren, refuseAncestors } from './decompose.ts';
import { type Ending, endClaims } from './ending-store.ts';
import { addEdges, enqueueGraph } from './enqueue-graph.ts';
import type { EnqueueReceipt, EnqueueTask } from './enqueue-task.ts';
import { type AssignedTask, assignTasks } from './given-tasks-store.ts';
import { holdTaskBack, letTaskGo } from './held-task-store.ts';
import type { ClaimRef, TaskFailure, TaskStatus } from './task.ts';
import type { DecomposeOptions, FailurePolicy } from './task-graph.ts';
import type { TaskParts } from './task-parts.ts';
import { cancelTasks, getTask, lockClaim, markRunning } from './task-store.ts';

/** The queue's verbs inside a caller's transaction: what they do commits with all else, or not at all. */
export class TaskWrites {
  readonly #parts: TaskParts;
  readonly #tx: Transaction;

  constructor(parts: TaskParts, tx: Transaction) {
    this.#parts = parts;
    this.#tx = tx;
  }

  /** @throws VALIDATION_FAILED, IDEMPOTENCY_CONFLICT, QUEUE_DRAINING, TASK_DUPLICATE, TASK_PREREQUISITE_UNKNOWN, TASK_DEPENDENCY_CYCLE */
  async enqueue(projectId: string, input: EnqueueTask): Promise<EnqueueReceipt> {
    const [receipt] = await this.enqueueMany(projectId, [input]);
    return receipt as EnqueueReceipt;
  }

  /**
   * Several at once, which may depend on each other by their `ref`; the first problem is thrown.
   * @throws as {@link enqueue}
   */
  enqueueMany(projectId: string, inputs: readonly EnqueueTask[]): Promise<EnqueueReceipt[]> {
    return enqueueGraph(this.#parts, this.#tx, projectId, inputs);
  }

  /**
   * Lets a task that is waiting or queued depend on others too; answers its status.
   * @throws TASK_NOT_FOUND, TASK_PREREQUISITE_UNKNOWN, TASK_DEPENDENCY_CYCLE, TASK_INVALID_TRANSITION
   */
  async addDependencies(
    projectId: string,
    taskId: string,
    dependsOn: readonly { taskId: string; onFailure: FailurePolicy }[],
  ): Promise<TaskStatus> {
    if (!(await getTask(this.#tx, projectId, taskId))) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
    const edges = dependsOn.map((on) => ({ taskId, dependsOn: on.taskId, onFailure: on.onFailure, child: false }));
    const statuses = await addEdges(this.#tx, projectId, edges);
    return statuses.get(taskId) ?? 'waiting';
  }

  /**
   * Turns the task into children and ends its claim: it waits for them, and is then queued again or completed. The attempt
   * does not count as failed. Answers the children, in their order.
   * @throws CLAIM_LOST and what {@link enqueue} throws
   */
  async decompose(
    claim: ClaimRef,
    children: readonly EnqueueTask[],
    options: DecomposeOptions = {},
  ): Promise<EnqueueReceipt[]> {
    await refuseAncestors(this.#tx, claim, children);
    await this.#end(claim, { outcome: 'decomposed' });
    const parent = await getTask(this.#tx, claim.projectId, claim.taskId);
    if (!parent) throw new SignalboxError('CLAIM_LOST', { id: claim.taskId });
    return makeChildren(this.#parts, this.#tx, parent, children, options);
  }

  /**
   * Makes the transaction one with the claim: the row stays locked until it ends, so that neither reaper nor cancel comes
   * between. @throws CLAIM_LOST
   */
  async hold(claim: ClaimRef): Promise<void> {
    if (!(await this.#onWritten(claim, lockClaim))) throw new SignalboxError('CLAIM_LOST', { id: claim.taskId });
  }

  /**
   * Claims tasks for the agents chosen for them; those that somebody took meanwhile, or that their queue's limits hold back, are
   * left out. The agents learn of it by their next call.
   */
  async assign(
    projectId: string,
    choices: readonly { taskId: string; agentId: string }[],
    leaseSeconds: number,
  ): Promise<AssignedTask[]> {
    const assigned = await assignTasks(this.#tx, projectId, choices, leaseSeconds);
    if (assigned.length > 0) {
      this.#tx.afterCommit(() => this.#parts.wakeups.measured(countedWork(projectId, 'claimed', assigned)));
      this.#changed();
    }
    return assigned;
  }

  /** claimed → running. @throws CLAIM_LOST */
  async begin(claim: ClaimRef): Promise<void> {
    if (!(await this.#onWritten(claim, markRunning))) throw new SignalboxError('CLAIM_LOST', { id: claim.taskId });
    this.#changed();
  }

  /** @throws CLAIM_LOST */
  complete(claim: ClaimRef, result: unknown): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'completed', result });
  }

  /** Fails the attempt; `maxAttempts` overrides the task's own. @throws CLAIM_LOST */
  fail(claim: ClaimRef, failure: TaskFailure, maxAttempts: number | null = null): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'failed', error: failure, retryable: failure.retryable, maxAttempts });
  }

  /** Gives a claim back unworked: the task is ready for others at once, and the attempt does not count. @throws CLAIM_LOST */
  release(claim: ClaimRef): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'released' });
  }

  /** Ends a claim without outcome, because its holder stops working: the task is over, others go on by new ones. @throws CLAIM_LOST */
  abandon(claim: ClaimRef): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'cancelled' });
  }

  /** queued → held, until people have answered. @throws TASK_NOT_FOUND, TASK_INVALID_TRANSITION once somebody has claimed it */
  async holdBack(projectId: string, taskId: string): Promise<void> {
    if (!(await holdTaskBack(this.#tx, projectId, taskId))) {
      const task = await getTask(this.#tx, projectId, taskId);
      if (!task) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
      throw new SignalboxError('TASK_INVALID_TRANSITION', { id: taskId, from: task.status, to: 'held' });
    }
    this.#changed();
  }

  /** held → queued, or cancelled with all below it; a task that is not held any more stays as it is. */
  async answerHeld(projectId: string, taskId: string, answer: 'queued' | 'cancelled'): Promise<void> {
    if (answer === 'queued') {
      const queue = await letTaskGo(this.#tx, projectId, taskId);
      if (queue !== null) this.#tx.afterCommit(() => this.#parts.wakeups.ready(projectId, [queue]));
    } else if ((await getTask(this.#tx, projectId, taskId))?.status === 'held') {
      await cancelTasks(this.#tx, projectId, { taskIds: [taskId] });
    }
    this.#changed();
  }

  /** Cancels whatever is queued or running for a session; answers the ids of those tasks. */
  async cancelForSession(projectId: string, sessionId: string): Promise<string[]> {
    const ids = await cancelTasks(this.#tx, projectId, { sessionId });
    this.#changed();
    return ids;
  }

  /** Takes away claims whose time is over, of up to `limit` leases; what becomes of their sessions is the caller's decision. */
  async reap(limit = 100): Promise<LostClaim[]> {
    const lost = await reapClaims(this.#tx, limit);
    for (const [projectId, claims] of Map.groupBy(lost, (claim) => claim.projectId)) {
      const back = new Set(claims.filter(({ status }) => status === 'queued').map(({ queue }) => queue));
      this.#tx.afterCommit(() => {
        if (back.size > 0) this.#parts.wakeups.cameBack([...back]);
        this.#parts.wakeups.measured(countedWork(projectId, 'lost', claims));
      });
    }
    if (lost.length > 0) this.#changed();
    return lost;
  }

  async #end(claim: ClaimRef, ending: Partial<Ending> & Pick<Ending, 'outcome'>): Promise<TaskStatus> {
    const { statuses, measured } = await endClaims(this.#tx, [toEnding(claim, ending, this.#parts.random)]);
    const [status] = statuses;
    if (!status) throw new SignalboxError('CLAIM_LOST', { id: claim.taskId });
    this.#tx.afterCommit(() => this.#parts.wakeups.ended(measured));
    this.#changed();
    return status;
  }

  async #onWritten(
    claim: ClaimRef,
    does: (executor: Transaction, claim: ClaimRef) => Promise<boolean>,
  ): Promise<boolean> {
    if (await does(this.#tx, claim)) return true;
    await writeOutClaims(this.#tx, [claim.token]);
    return does(this.#tx, claim);
  }

  #changed(): void {
    this.#tx.afterCommit(signalFeed);
  }
}

/** An ending with what its caller left out. */
export function toEnding(
  claim: ClaimRef,
  ending: Partial<Ending> & Pick<Ending, 'outcome'>,
  random: () => number,
): Ending {
  const { outcome, result, error, retryable = false, delaySeconds = null, maxAttempts = null } = ending;
  const jitter = outcome === 'failed' ? random() : 0;
  const told = { result: redactPlain(result), error: redactPlain(error) };
  return { claim, outcome, ...told, retryable, delaySeconds, random: jitter, maxAttempts };
}
