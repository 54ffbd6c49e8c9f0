import { recordAudit } from '../audit/index.ts';
import { Batcher, type BatchObserver, type Outcome } from '../platform/batching/index.ts';
import { type Bus, InProcessBus } from '../platform/bus/index.ts';
import { type Clock, systemClock } from '../platform/clock/clock.ts';
import { type Database, type ForeignClient, foreignTransaction, type Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { redactPlain } from '../platform/redaction/index.ts';
import { countedWork, type MeasuredWork } from './activity.ts';
import { getAttempts, type TaskAttempt } from './attempt-store.ts';
import { ClaimGroups } from './claim-groups.ts';
import { type ClaimScope, findReadyProjects, type Renewal, renewClaims } from './claim-store.ts';
import { DeadLetters } from './dead-letters.ts';
import { giveUpTasks } from './deadline-store.ts';
import { type Ending, endClaims } from './ending-store.ts';
import { MOST_AT_ONCE } from './enqueue-graph.ts';
import { announceReady, type EnqueueVerdict, enqueueTasks, isCreated } from './enqueue-store.ts';
import { type EnqueueReceipt, type EnqueueTask, type TaskRow, toTaskRow } from './enqueue-task.ts';
import { getChildren, getDependencies } from './graph-store.ts';
import { receiptOf } from './receipts.ts';
import { noteReports, type WorkReport } from './report-store.ts';
import { type Claim, type ClaimRef, DEFAULT_QUEUE, type Task, type TaskFailure, type TaskStatus } from './task.ts';
import type { TaskDependency } from './task-graph.ts';
import type { TaskParts } from './task-parts.ts';
import { cancelTasks, getTask } from './task-store.ts';
import { TaskWakeups } from './task-wakeups.ts';
import { TaskWrites, toEnding } from './task-writes.ts';
import { onWrittenClaims } from './written-claims.ts';

/** Idempotency keys are remembered for 24 h unless set otherwise (CTL-003). */
const IDEMPOTENCY_SECONDS = 24 * 3600;
/**
 * Batches of endings that may be under way at once, told apart by token: those of one lease meet on its row. With one, a
 * busy worker waits for the database half of the time, and the database for its disk.
 */
const ENDING_LANES = 2;
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

/** How the work on a claim ended: with what it failed for, or with a result. */
export interface WorkEnding {
  claim: ClaimRef;
  failure: TaskFailure | null;
  result: unknown;
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
  readonly #endings: readonly Batcher<Ending, TaskStatus>[];
  readonly #renewals: Batcher<{ claims: readonly ClaimRef[]; leaseSeconds: number }, ReadonlySet<number>>;
  readonly #reports: Batcher<WorkReport, void>;
  readonly #deadLetters: DeadLetters;

  constructor(options: TaskQueueOptions) {
    const { database, clock = systemClock, bus = new InProcessBus(), batches } = options;
    const observed = batches ? { observer: batches } : {};
    this.#database = database;
    this.#clock = clock;
    this.#parts = {
      ids: options.ids,
      random: options.random ?? Math.random,
      idempotencySeconds: options.idempotencySeconds ?? IDEMPOTENCY_SECONDS,
      wakeups: new TaskWakeups(bus, clock),
    };
    this.#claims = new ClaimGroups(database, clock, {
      timesBack: (queues) => this.#parts.wakeups.timesBack(queues),
      onClaimed: (projectId, claims) => this.#parts.wakeups.measured(countedWork(projectId, 'claimed', claims)),
      ...observed,
    });
    this.#enqueues = new Batcher({
      verb: 'tasks.enqueue',
      lanes: 2,
      ...observed,
      run: async (rows) => {
        const verdicts = await enqueueTasks(database, rows);
        this.#enqueued(rows, verdicts);
        return rows.map((row, index) => outcomeOf(() => receiptOf(row, verdicts[index])));
      },
    });
    this.#endings = Array.from(
      { length: ENDING_LANES },
      () =>
        new Batcher({
          verb: 'tasks.end',
          maxBatch: 2_000,
          ...observed,
          run: (calls: readonly Ending[]) => this.#endAll(calls),
        }),
    );
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
        const renew = (some: readonly Renewal[]) => renewClaims(database, some);
        const held = await onWrittenClaims(database, renewals, ({ token }) => token, renew);
        const places = calls.map(() => new Set<number>());
        for (const index of held) {
          const renewal = renewals[index];
          if (renewal) places[renewal.call]?.add(renewal.place);
        }
        return places.map((value) => ({ value }));
      },
    });
    this.#reports = new Batcher({
      verb: 'tasks.report',
      maxBatch: 2_000,
      exclusive: ({ claim }) => [claim.taskId],
      ...observed,
      run: async (reports) => {
        const note = (some: readonly WorkReport[]) => noteReports(database, some);
        const held = await onWrittenClaims(database, reports, ({ claim }) => claim.token, note);
        if (held.size > 0) signalFeed();
        return reports.map(({ claim }, place) =>
          held.has(place) ? { value: undefined } : { error: new SignalboxError('CLAIM_LOST', { id: claim.taskId }) },
        );
      },
    });
    this.#deadLetters = new DeadLetters(database, this.#parts.wakeups);
  }

  /** Failed and dead tasks, and what can be done about them. */
  get deadLetters(): DeadLetters {
    return this.#deadLetters;
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
    const row = toTaskRow(projectId, input, this.#parts.ids, this.#parts);
    if (!row.dependsOn) return this.#enqueues.call(row);
    return this.#transaction((tx) => this.within(tx).enqueue(projectId, input));
  }

  /**
   * Puts several tasks into their queues, all of them or none: a whole graph, where they depend on each other by their
   * `ref`. Answers in their order.
   * @throws as {@link enqueue}; TASK_PREREQUISITE_UNKNOWN, TASK_DEPENDENCY_CYCLE
   */
  enqueueMany(projectId: string, inputs: readonly EnqueueTask[]): Promise<EnqueueReceipt[]> {
    return this.#transaction((tx) => this.within(tx).enqueueMany(projectId, inputs));
  }

  /**
   * Puts tasks into their queues inside a transaction of the application's own, on its own `pg` client: they are there when
   * it commits. Agents are woken by a notification then.
   * @throws as {@link enqueueMany}
   */
  async enqueueOn(client: ForeignClient, projectId: string, inputs: readonly EnqueueTask[]): Promise<EnqueueReceipt[]> {
    const tx = foreignTransaction(client);
    const receipts = await this.within(tx).enqueueMany(projectId, inputs);
    await announceReady(tx, [...new Set(inputs.map(({ queue = DEFAULT_QUEUE }) => queue))]);
    return receipts;
  }

  /** {@link TaskWrites.addDependencies} in a transaction of its own. */
  addDependencies(...given: Parameters<TaskWrites['addDependencies']>): Promise<TaskStatus> {
    return this.#transaction((tx) => this.within(tx).addDependencies(...given));
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
      const unsubscribe = waitMs > 0 ? this.#parts.wakeups.wait(rest.queues, woken.resolve) : null;
      try {
        const claims = await this.#claims.claim(scope, { agent, limit });
        const left = until - this.#clock.monotonic();
        if (claims.length > 0 || left <= 0 || signal?.aborted) return claims;
        await this.#pause(Math.min(left, POLL_MS), woken, signal);
        if (signal?.aborted) return [];
      } finally {
        unsubscribe?.();
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

  /** Says that work has begun: claimed → running. May be said again. @throws CLAIM_LOST, OVERLOADED */
  begin(claim: ClaimRef): Promise<void> {
    return this.#reports.call({ claim });
  }

  /** Says how far the work is, in any form; it runs with that. Does not renew the claim. @throws CLAIM_LOST, OVERLOADED */
  progress(claim: ClaimRef, progress: unknown): Promise<void> {
    return this.#reports.call({ claim, progress: redactPlain(progress) });
  }

  /** {@link TaskWrites.decompose} in a transaction of its own. */
  decompose(...given: Parameters<TaskWrites['decompose']>): Promise<EnqueueReceipt[]> {
    return this.#transaction((tx) => this.within(tx).decompose(...given));
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

  /**
   * Ends several claims that share a token, as {@link complete} and {@link fail} end one each, for one promise in all: what a worker of
   * short tasks spends most on. Answers an outcome per ending, in their order; its error is what the single call would throw.
   * @throws OVERLOADED where there is no room for all of them
   */
  endMany(endings: readonly WorkEnding[]): Promise<Outcome<TaskStatus>[]> {
    const [first] = endings;
    if (!first) return Promise.resolve([]);
    const { random } = this.#parts;
    return this.#laneOf(first.claim).callMany(
      endings.map(({ claim, failure, result }) =>
        failure
          ? toEnding(claim, { outcome: 'failed', error: failure, retryable: failure.retryable }, random)
          : toEnding(claim, { outcome: 'completed', result }, random),
      ),
    );
  }

  /** Gives a claim back unworked: the task is ready for others at once, and the attempt does not count. @throws CLAIM_LOST, OVERLOADED */
  release(claim: ClaimRef): Promise<TaskStatus> {
    return this.#end(claim, { outcome: 'released' });
  }

  /** Cancels a task, whoever holds it. @throws TASK_NOT_FOUND, TASK_INVALID_TRANSITION when it is over already. */
  async cancel(projectId: string, taskId: string, actor: string): Promise<Task> {
    return this.#transaction(async (tx) => {
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
        ...(cancelled.length > 1 ? { details: { withChildren: cancelled.length - 1 } } : {}),
      });
      tx.afterCommit(signalFeed);
      return task;
    });
  }

  /** Fails what can no longer meet its deadline, up to `limit` queued and as many waiting tasks (COORD-23). Answers how many ended. */
  async failOverdue(limit = 500): Promise<number> {
    const count = await giveUpTasks(this.#database, limit);
    if (count > 0) signalFeed();
    return count;
  }

  /** @throws TASK_NOT_FOUND */
  async get(projectId: string, taskId: string, tx?: Transaction): Promise<Task> {
    const task = await getTask(tx ?? this.#database, projectId, taskId);
    if (!task) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
    return task;
  }

  /** The attempts at a task that are over, first to last. @throws TASK_NOT_FOUND */
  async attempts(projectId: string, taskId: string): Promise<TaskAttempt[]> {
    await this.get(projectId, taskId);
    return getAttempts(this.#database, projectId, taskId);
  }

  /** What a task was decomposed into, oldest first, up to 5,000. @throws TASK_NOT_FOUND */
  async children(projectId: string, taskId: string): Promise<Task[]> {
    await this.get(projectId, taskId);
    return getChildren(this.#database, projectId, taskId, MOST_AT_ONCE);
  }

  /** What a task waits or waited for, and what waits or waited for it, up to 5,000 edges. @throws TASK_NOT_FOUND */
  async dependencies(projectId: string, taskId: string): Promise<TaskDependency[]> {
    await this.get(projectId, taskId);
    return getDependencies(this.#database, projectId, taskId, MOST_AT_ONCE);
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
    await Promise.all([
      this.#enqueues.drain(),
      ...this.#endings.map((lane) => lane.drain()),
      this.#renewals.drain(),
      this.#reports.drain(),
      this.#claims.drain(),
    ]);
  }

  /** Until `woken` or aborted, for `ms` at most. */
  async #pause(ms: number, woken: PromiseWithResolvers<void>, signal: AbortSignal | undefined): Promise<void> {
    const timer = new AbortController();
    const stop = () => woken.resolve();
    signal?.addEventListener('abort', stop);
    try {
      await Promise.race([woken.promise, this.#clock.sleep(ms, timer.signal)]);
    } finally {
      timer.abort();
      signal?.removeEventListener('abort', stop);
    }
  }

  #end(claim: ClaimRef, ending: Partial<Ending> & Pick<Ending, 'outcome'>): Promise<TaskStatus> {
    return this.#laneOf(claim).call(toEnding(claim, ending, this.#parts.random));
  }

  #laneOf({ token }: ClaimRef): Batcher<Ending, TaskStatus> {
    return this.#endings[token % ENDING_LANES] as Batcher<Ending, TaskStatus>;
  }

  /** Deadlocks are rare, not impossible: graphs of many shapes meet in one order of locks. */
  #transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#database.transaction(work, { retries: 3 });
  }

  async #endAll(calls: readonly Ending[]): Promise<Outcome<TaskStatus>[]> {
    const order = [...calls.keys()].sort((a, b) => byTask((calls[a] as Ending).claim, (calls[b] as Ending).claim));
    const { statuses, measured } = await endClaims(
      this.#database,
      order.map((place) => calls[place] as Ending),
    );
    this.#parts.wakeups.ended(measured);
    signalFeed();
    const outcomes = new Array<Outcome<TaskStatus>>(calls.length);
    for (const [index, place] of order.entries()) {
      const status = statuses[index];
      outcomes[place] = status
        ? { value: status }
        : { error: new SignalboxError('CLAIM_LOST', { id: calls[place]?.claim.taskId }) };
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
