import { recordAudits } from '../audit/index.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import {
  type DeadLetterFilter,
  type Discarded,
  discardTasks,
  findDeadLetters,
  type Redriven,
  redriveTasks,
} from './dead-letter-store.ts';
import type { Task } from './task.ts';
import { getTask } from './task-store.ts';
import type { TaskWakeups } from './task-wakeups.ts';

/** Tasks of one transaction, and most of one call. */
const BATCH = 500;
const MOST = 10_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** What a call over many did. */
export interface BulkOutcome {
  changed: number;
  /** Those that were left: by now in another status, or their unique key is taken. */
  skipped: { id: string; reason: string }[];
  /** There may be more: call again. */
  more: boolean;
}

/** Tasks that failed or used up their attempts, until somebody tries them again or gives them up. Each is audited. */
export class DeadLetters {
  readonly #database: Database;
  readonly #wakeups: TaskWakeups;

  constructor(database: Database, wakeups: TaskWakeups) {
    this.#database = database;
    this.#wakeups = wakeups;
  }

  /**
   * Puts a failed or dead task back with all its attempts: queued, or waiting where a prerequisite is not over.
   * @throws TASK_NOT_FOUND, TASK_INVALID_TRANSITION, TASK_OF_SESSION, TASK_DUPLICATE when its unique key is taken
   */
  async redrive(projectId: string, taskId: string, actor: string): Promise<Task> {
    return this.#transaction(async (tx) => {
      const [outcome] = await this.#redrive(tx, projectId, [taskId], actor);
      const task = await getTask(tx, projectId, taskId);
      if (!outcome || !task) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
      const { problem, status } = outcome;
      if (problem) throw new SignalboxError(problem, { id: taskId, from: status, to: 'queued', key: task.uniqueKey });
      return task;
    });
  }

  /** Puts back all that the filter names, a bounded batch at a time, up to 10,000 in one call; sessions' tasks stay. */
  redriveAll(projectId: string, filter: DeadLetterFilter, actor: string): Promise<BulkOutcome> {
    return this.#overAll(projectId, filter, async (tx, taskIds) => {
      const outcomes = await this.#redrive(tx, projectId, taskIds, actor);
      return outcomes.map(({ taskId, problem }) => ({ taskId, problem }));
    });
  }

  /** Deletes a failed or dead task for good. @throws TASK_NOT_FOUND, TASK_INVALID_TRANSITION, TASK_OF_SESSION */
  async discard(projectId: string, taskId: string, actor: string): Promise<void> {
    await this.#transaction(async (tx) => {
      const task = await getTask(tx, projectId, taskId);
      if (!task) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
      if ((await this.#discard(tx, projectId, [taskId], actor)).length > 0) return;
      const code = task.type === 'session.run' ? 'TASK_OF_SESSION' : 'TASK_INVALID_TRANSITION';
      throw new SignalboxError(code, { id: taskId, from: task.status, to: 'discarded' });
    });
  }

  /** Deletes all that the filter names, as {@link redriveAll} puts them back. */
  discardAll(projectId: string, filter: DeadLetterFilter, actor: string): Promise<BulkOutcome> {
    return this.#overAll(projectId, filter, async (tx, taskIds) => {
      const discarded = new Set((await this.#discard(tx, projectId, taskIds, actor)).map(({ taskId }) => taskId));
      return taskIds.map((taskId) => ({
        taskId,
        problem: discarded.has(taskId) ? null : ('TASK_INVALID_TRANSITION' as const),
      }));
    });
  }

  async #redrive(tx: Transaction, projectId: string, taskIds: readonly string[], actor: string): Promise<Redriven[]> {
    const outcomes = await redriveTasks(tx, projectId, taskIds);
    const changed = outcomes.filter(({ problem }) => problem === null);
    const queues = [...new Set(changed.map(({ queue }) => queue))];
    await recordAudits(
      tx,
      projectId,
      changed.map(({ taskId, queue, status }) => ({
        actor,
        action: 'task.redrive',
        subjectType: 'task',
        subjectId: taskId,
        details: { queue, status },
      })),
    );
    tx.afterCommit(() => this.#wakeups.ready(projectId, queues));
    return outcomes;
  }

  async #discard(tx: Transaction, projectId: string, taskIds: readonly string[], actor: string): Promise<Discarded[]> {
    const discarded = await discardTasks(tx, projectId, taskIds);
    await recordAudits(
      tx,
      projectId,
      discarded.map(({ taskId, type, status, error }) => ({
        actor,
        action: 'task.discard',
        subjectType: 'task',
        subjectId: taskId,
        details: { type, status, error },
      })),
    );
    return discarded;
  }

  async #overAll(
    projectId: string,
    filter: DeadLetterFilter,
    work: (tx: Transaction, taskIds: string[]) => Promise<{ taskId: string; problem: string | null }[]>,
  ): Promise<BulkOutcome> {
    const outcome: BulkOutcome = { changed: 0, skipped: [], more: true };
    for (let after = FIRST; outcome.more && outcome.changed < MOST; ) {
      const taskIds = await findDeadLetters(this.#database, projectId, filter, after, BATCH);
      outcome.more = taskIds.length === BATCH;
      after = taskIds.at(-1) ?? after;
      if (taskIds.length === 0) break;
      for (const { taskId, problem } of await this.#transaction((tx) => work(tx, taskIds))) {
        if (problem === null) outcome.changed += 1;
        else outcome.skipped.push({ id: taskId, reason: problem });
      }
    }
    return outcome;
  }

  #transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#database.transaction(
      async (tx) => {
        tx.afterCommit(signalFeed);
        return work(tx);
      },
      { retries: 3 },
    );
  }
}
