import { recordAudit } from '../audit/index.ts';
import { Batcher, type BatchObserver } from '../platform/batching/index.ts';
import { type Bus, InProcessBus } from '../platform/bus/index.ts';
import { type Clock, systemClock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { countedWork, type MeasuredWork } from './activity.ts';
import { ClaimGroups } from './claim-groups.ts';
import { type ClaimScope, findReadyProjects, renewClaims } from './claim-store.ts';
import { type Ending, endClaims } from './ending-store.ts';
import { type EnqueueVerdict, enqueueTasks, isCreated } from './enqueue-store.ts';
import { type EnqueueReceipt, type EnqueueTask, type TaskRow, toTaskRow } from './enqueue-task.ts';
import { receiptOf } from './receipts.ts';
import type { Claim, ClaimRef, Task, TaskFailure, TaskStatus } from './task.ts';
import type { TaskParts } from './task-parts.ts';
import { cancelTasks, getTask } from './task-store.ts';
import { TaskWakeups } from './task-wakeups.ts';
import { TaskWrites, toEnding } from './task-writes.ts';

/** Idempotency keys are remembered for 24 h unless set otherwise (CTL-003). */
const IDEMPOTENCY_SECONDS = 24 * 3600;
/** How often a waiting claim looks by itself, in milliseconds; hints make it look at once. */
const POLL_MS = 1_000;

export interface TaskQueueOptions {
  database: Database;
  ids: Ids;
  clock?: Clock;
  /** On which ready work is announced; default: within this process only. */
  bus?: Bus;
  random?: () => number;
  idempotencySeconds?: number;
  /** Told how batches go; for metrics. */
  batches?: BatchObserver;
}

/** What an agent asks for. */
export interface ClaimRequest extends Omit<ClaimScope, 'projectId'> {
  agent: string;
  /** Most tasks to be given, 1 to 2,000. */
  limit: number;
  /** How long to wait for the first one, in milliseconds; default 0. */
  waitMs?: number;
  signal?: AbortSignal;
}

/**
 * The queue: work waits here until an agent claims it, and belongs to that agent only while its claim lasts.
 *
 * Its hot verbs are batched (design.md §4): calls that come while a statement is under way share the next one. Inside a
 * transaction use {@link within}.
 */
export class TaskQueue {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #parts: TaskParts;
  readonly #claims: ClaimGroups;
  readonly #enqueues: Batcher<TaskRow, EnqueueReceipt>;
  readonly #endings: Batcher<Ending, TaskStatus>;
  readonly #renewals: Batcher<{ claims: readonly ClaimRef[]; leaseSeconds: number }, ReadonlySet<number>>;

  constructor(options: TaskQueueOptions) {
    const { database, clock = systemClock, bus = new InProcessBus(), batches } = options;
    const observed = batches ? { observer: batches } : {};
    this.#database = database;
    this.#clock = clock;
    this.#parts = {
      ids: options.ids,
      random: options.random ?? Math.random,
      idempotencySeconds: options.idempotencySeconds ?? IDEMPOTENCY_SECONDS,
      wakeups: new TaskWakeups(bus),
    };
    this.#claims = new ClaimGroups(database, clock, batches);
    this.#enqueues = new Batcher({
      verb: 'tasks.enqueue',
      ...observed,
      run: async (rows) => {
        const verdicts = await enqueueTasks(database, rows);
        this.#enqueued(rows, verdicts);
        return rows.map((row, index) => outcomeOf(() => receiptOf(row, verdicts[index])));
      },
    });
    this.#endings = new Batcher({
      verb: 'tasks.end',
      maxBatch: 2_000,
      ...observed,
      run: (calls) => this.#endAll(calls),
    });
    this.#renewals = new Batcher({
      verb: 'tasks.heartbeat',
      weigh: ({ claims }) => claims.length,
      maxBatchWeight: 2_000,
      ...observed,
      run: async (calls) => {
        const renewals = calls.flatMap(({ claims, leaseSeconds }, call) =>
          claims.map(({ projectId, taskId, token }, place) => ({
            projectId,
            taskId,
            token,
            leaseSeconds,
            call,
            place,
          })),
        );
        renewals.sort(byTask);
        const held = await renewClaims(database, renewals);
        const places = calls.map(() => new Set<number>());
        for (const index of held) {
          const renewal = renewals[index];
          if (renewal) places[renewal.call]?.add(renewal.place);
        }
        return places.map((value) => ({ value }));
      },
    });
  }

  /** The verbs inside the caller's transaction. */
  within(tx: Transaction): TaskWrites {
    return new TaskWrites(this.#parts, tx);
  }

  /**
   * Puts a task into its queue. A key used before with the same content answers the first task (CTL-030).
   * @throws VALIDATION_FAILED, IDEMPOTENCY_CONFLICT, QUEUE_DRAINING, TASK_DUPLICATE, OVERLOADED
   */
  async enqueue(projectId: string, input: EnqueueTask): Promise<EnqueueReceipt> {
    return this.#enqueues.call(toTaskRow(projectId, input, this.#parts.ids, this.#parts));
  }

  /**
   * Claims ready tasks, most urgent first: each is this agent's alone for `leaseSeconds`, prolonged by {@link heartbeat}.
   * Waits for the first one if asked to; the answer is empty when there was none in time.
   * @throws OVERLOADED, DATABASE_UNAVAILABLE
   */
  async claim(projectId: string, request: ClaimRequest): Promise<Claim[]> {
    const { agent, limit, waitMs = 0, signal, ...rest } = request;
    const scope = { projectId, ...rest };
    const until = this.#clock.monotonic() + waitMs;
    for (;;) {
      const woken = Promise.withResolvers<void>();
      const unsubscribe = waitMs > 0 ? this.#parts.wakeups.wait(rest.queues, woken.resolve) : () => undefined;
      const timer = new AbortController();
      const stop = () => woken.resolve();
      try {
        const claims = await this.#claims.claim(scope, { agent, limit });
        this.#parts.wakeups.measured(countedWork(projectId, 'claimed', claims));
        const left = until - this.#clock.monotonic();
        if (claims.length > 0 || left <= 0 || signal?.aborted) return claims;
        signal?.addEventListener('abort', stop);
        await Promise.race([woken.promise, this.#clock.sleep(Math.min(left, POLL_MS), timer.signal)]);
        if (signal?.aborted) return [];
      } finally {
        timer.abort();
        signal?.removeEventListener('abort', stop);
        unsubscribe();
      }
    }
  }

  /** Claims ready tasks of one queue whatever their project; for those that serve all of them. */
  async claimOfAllProjects(request: ClaimRequest & { queues: readonly [string] }): Promise<Claim[]> {
    const ready = await findReadyProjects(this.#database, request.queues[0], request.limit);
    const { waitMs: _wait, ...rest } = request;
    const claims = await Promise.all(
      ready.map(({ projectId, count }) => this.claim(projectId, { ...rest, limit: count })),
    );
    return claims.flat();
  }

  /** Renews claims of an agent at once; answers those that are lost, on which work must stop. */
  async heartbeat<C extends ClaimRef>(claims: readonly C[], leaseSeconds: number): Promise<C[]> {
    if (claims.length === 0) return [];
    const held = await this.#renewals.call({ claims, leaseSeconds });
    return claims.filter((_, place) => !held.has(place));
  }

  /** @throws CLAIM_LOST, OVERLOADED */
  complete(claim: ClaimRef, result?: unknown): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'completed', result });
  }

  /**
   * Fails the attempt: back to the queue with a growing delay while attempts are left, `dead` after the last one,
   * `failed` where a retry cannot help. Answers which. @throws CLAIM_LOST, OVERLOADED
   */
  fail(claim: ClaimRef, failure: TaskFailure, delaySeconds: number | null = null): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'failed', error: failure, retryable: failure.retryable, delaySeconds });
  }

  /** Gives a claim back unworked: the task is ready for others at once, and the attempt does not count. @throws CLAIM_LOST, OVERLOADED */
  release(claim: ClaimRef): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'released' });
  }

  /** Cancels a task, whoever holds it. @throws TASK_NOT_FOUND, TASK_INVALID_TRANSITION when it is over already. */
  async cancel(projectId: string, taskId: string, actor: string): Promise<Task> {
    return this.#database.transaction(
      async (tx) => {
        const cancelled = await cancelTasks(tx, projectId, { taskIds: [taskId] });
        const task = await this.get(projectId, taskId, tx);
        if (!cancelled.includes(taskId)) {
          throw new SignalboxError('TASK_INVALID_TRANSITION', { id: taskId, from: task.status, to: 'cancelled' });
        }
        await recordAudit(tx, projectId, {
          actor,
          action: 'task.cancel',
          subjectType: 'task',
          subjectId: taskId,
          versionAfter: task.version,
        });
        tx.afterCommit(signalFeed);
        return task;
      },
      { retries: 3 },
    );
  }

  /** @throws TASK_NOT_FOUND */
  async get(projectId: string, taskId: string, tx?: Transaction): Promise<Task> {
    const task = await getTask(tx ?? this.#database, projectId, taskId);
    if (!task) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
    return task;
  }

  /** Says that queues may have work again for those who wait: one was resumed, or its limits raised. */
  wake(projectId: string, queues: readonly string[]): void {
    this.#parts.wakeups.ready(projectId, queues);
  }

  /** Calls back with what this process saw happen to tasks, a batch at a time. Returns the unsubscribe. */
  onMeasured(listener: (measured: readonly MeasuredWork[]) => void): () => void {
    return this.#parts.wakeups.onMeasured(listener);
  }

  /** Resolves once every call made so far is answered; those that wait for work are answered now. For shutdown. */
  async close(): Promise<void> {
    this.#parts.wakeups.close();
    await Promise.all([this.#enqueues.drain(), this.#endings.drain(), this.#renewals.drain(), this.#claims.drain()]);
  }

  #end(claim: ClaimRef, ending: Partial<Ending> & Pick<Ending, 'outcome'>): Promise<TaskStatus> {
    return this.#endings.call(toEnding(claim, ending, this.#parts.random));
  }

  async #endAll(calls: readonly Ending[]) {
    const sorted = calls
      .map((ending, place) => ({ ending, place }))
      .sort((a, b) => byTask(a.ending.claim, b.ending.claim));
    const { statuses, measured } = await endClaims(
      this.#database,
      sorted.map(({ ending }) => ending),
    );
    this.#parts.wakeups.ended(measured);
    signalFeed();
    const outcomes = new Array<{ value: TaskStatus } | { error: unknown }>(calls.length);
    for (const [index, { ending, place }] of sorted.entries()) {
      const status = statuses[index];
      outcomes[place] = status
        ? { value: status }
        : { error: new SignalboxError('CLAIM_LOST', { id: ending.claim.taskId }) };
    }
    return outcomes;
  }

  #enqueued(rows: readonly TaskRow[], verdicts: readonly EnqueueVerdict[]): void {
    signalFeed();
    const created = new Set(rows.filter((_, index) => isCreated(verdicts[index])));
    for (const [projectId, calls] of Map.groupBy(rows, ({ project }) => project)) {
      this.#parts.wakeups.ready(projectId, [...new Set(calls.map(({ queue }) => queue))]);
      const work = countedWork(
        projectId,
        'enqueued',
        calls.filter((row) => created.has(row)),
      );
      this.#parts.wakeups.measured(work);
    }
  }
}

function byTask(a: { taskId: string }, b: { taskId: string }): number {
  return a.taskId < b.taskId ? -1 : Number(a.taskId > b.taskId);
}

function outcomeOf<T>(make: () => T): { value: T } | { error: unknown } {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}
