import { createHash } from 'node:crypto';
import { z } from 'zod';
import { recordAudit } from '../audit/index.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { currentTrace } from '../platform/trace/index.ts';
import { retryDelaySeconds } from './retry-delay.ts';
import type { Claim, Task } from './task.ts';
import {
  cancelTasks,
  claimTasks,
  endClaim,
  forgetKey,
  getTask,
  insertTask,
  type LostClaim,
  lockClaim,
  markRunning,
  reapClaims,
  renewLeases,
  taskByKey,
} from './task-store.ts';

/** Idempotency keys are remembered for 24 h (CTL-003). */
const IDEMPOTENCY_SECONDS = 24 * 3600;

export const enqueueSchema = z.strictObject({
  type: z.string().regex(/^[a-z][a-z0-9_.-]{0,99}$/),
  payload: z.record(z.string(), z.json()).default({}),
  priority: z.int().min(0).max(4).default(2),
  delaySeconds: z.number().nonnegative().max(31_536_000).default(0),
  maxAttempts: z.int().min(1).max(100).default(1),
  sessionId: z.string().nullable().default(null),
  idempotencyKey: z.string().min(1).max(255).nullable().default(null),
  traceId: z.string().max(64).nullable().default(null),
  createdBy: z.string().max(100).nullable().default(null),
});
export type EnqueueTask = z.input<typeof enqueueSchema>;

export interface TaskFailure {
  name: string;
  message: string;
  /** False: trying again cannot help, the task fails for good. */
  retryable: boolean;
}

/** The queue: work waits here until an agent claims it, and belongs to that agent only while its claim lasts. */
export class TaskQueue {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #random: () => number;

  constructor(parts: { database: Database; ids: Ids; random?: () => number }) {
    this.#database = parts.database;
    this.#ids = parts.ids;
    this.#random = parts.random ?? Math.random;
  }

  /**
   * Puts a task into the queue inside the caller's transaction. A key used before with the same content answers the
   * first task (CTL-030). @throws IDEMPOTENCY_CONFLICT for the same key with other content.
   */
  async enqueue(tx: Transaction, projectId: string, input: EnqueueTask): Promise<Task> {
    const task = enqueueSchema.parse(input);
    const digest = task.idempotencyKey === null ? null : contentDigest(task);
    for (;;) {
      const made = await insertTask(tx, projectId, {
        ...task,
        traceId: task.traceId ?? currentTrace()?.traceId ?? null,
        id: this.#ids.uuid(),
        idempotencyDigest: digest,
        idempotencySeconds: IDEMPOTENCY_SECONDS,
      });
      if (made) {
        await recordFeed(tx, projectId, 'task', { taskId: made.id, type: made.type, status: made.status });
        return made;
      }
      const key = task.idempotencyKey as string;
      const first = await taskByKey(tx, projectId, key, digest as Buffer);
      if (!first) continue;
      if (first.over) await forgetKey(tx, projectId, first.task.id);
      else if (first.same) return first.task;
      else throw new SignalboxError('IDEMPOTENCY_CONFLICT', { key });
    }
  }

  /** Claims up to `limit` ready tasks: each is this agent's alone for `leaseSeconds`, prolonged by {@link heartbeat}. */
  async claim(agent: string, types: readonly string[], limit: number, leaseSeconds: number): Promise<Claim[]> {
    return claimTasks(this.#database, agent, types, limit, leaseSeconds);
  }

  /** Renews all claims of an agent at once; answers those that are lost, on which work must stop. */
  async heartbeat<C extends Pick<Claim, 'taskId' | 'token'>>(claims: readonly C[], leaseSeconds: number): Promise<C[]> {
    if (claims.length === 0) return [];
    const held = await renewLeases(this.#database, claims, leaseSeconds);
    return claims.filter((claim) => !held.has(claim.taskId));
  }

  /**
   * Makes the caller's transaction one with the claim: the row stays locked until it ends, so that neither reaper nor
   * cancel comes between. @throws CLAIM_LOST
   */
  async holdClaim(tx: Transaction, claim: Claim): Promise<void> {
    if (!(await lockClaim(tx, claim))) throw new SignalboxError('CLAIM_LOST', { id: claim.taskId });
  }

  /** claimed → running. @throws CLAIM_LOST */
  async begin(tx: Transaction, claim: Claim): Promise<Task> {
    const task = await markRunning(tx, claim);
    if (!task) throw new SignalboxError('CLAIM_LOST', { id: claim.taskId });
    await recordFeed(tx, claim.projectId, 'task', { taskId: task.id, type: task.type, status: task.status });
    return task;
  }

  /** @throws CLAIM_LOST */
  async complete(tx: Transaction, claim: Claim, result: unknown): Promise<Task> {
    return this.#end(tx, claim, { status: 'completed', outcome: 'completed', result, error: null, delaySeconds: 0 });
  }

  /**
   * Fails the attempt: back to the queue with a growing delay while attempts are left, `dead` after the last one,
   * `failed` where a retry cannot help. @throws CLAIM_LOST
   */
  async fail(tx: Transaction, claim: Claim, maxAttempts: number, failure: TaskFailure): Promise<Task> {
    const again = failure.retryable && claim.attempt < maxAttempts;
    const status = again ? 'queued' : failure.retryable && maxAttempts > 1 ? 'dead' : 'failed';
    return this.#end(tx, claim, {
      status,
      outcome: 'failed',
      result: null,
      error: failure,
      delaySeconds: again ? retryDelaySeconds(claim.attempt, this.#random()) : 0,
    });
  }

  /** Gives a claim back unworked: the task is ready for others at once. @throws CLAIM_LOST */
  async release(tx: Transaction, claim: Claim): Promise<Task> {
    return this.#end(tx, claim, { status: 'queued', outcome: 'released', result: null, error: null, delaySeconds: 0 });
  }

  /** Ends a claim without outcome, because its holder stops working: the task is over, others go on by new ones. @throws CLAIM_LOST */
  async abandon(tx: Transaction, claim: Claim): Promise<Task> {
    return this.#end(tx, claim, {
      status: 'cancelled',
      outcome: 'released',
      result: null,
      error: null,
      delaySeconds: 0,
    });
  }

  /** Cancels a task, whoever holds it. @throws TASK_NOT_FOUND, TASK_INVALID_TRANSITION when it is over already. */
  async cancel(projectId: string, taskId: string, actor: string): Promise<Task> {
    return this.#database.transaction(async (tx) => {
      const [task] = await cancelTasks(tx, projectId, { taskId });
      if (!task) {
        const there = await this.get(projectId, taskId, tx);
        throw new SignalboxError('TASK_INVALID_TRANSITION', { id: taskId, from: there.status, to: 'cancelled' });
      }
      await recordAudit(tx, projectId, {
        actor,
        action: 'task.cancel',
        subjectType: 'task',
        subjectId: taskId,
        versionAfter: task.version,
      });
      await recordFeed(tx, projectId, 'task', { taskId, type: task.type, status: task.status });
      return task;
    });
  }

  /** Cancels whatever is queued or running for a session, inside the transaction that ends the session. */
  async cancelForSession(tx: Transaction, projectId: string, sessionId: string): Promise<Task[]> {
    const tasks = await cancelTasks(tx, projectId, { sessionId });
    for (const task of tasks) {
      await recordFeed(tx, projectId, 'task', { taskId: task.id, type: task.type, status: task.status });
    }
    return tasks;
  }

  /** Takes away claims whose lease has run out; what becomes of their sessions is the caller's decision, in `tx`. */
  async reap(tx: Transaction, limit = 100): Promise<LostClaim[]> {
    const lost = await reapClaims(tx, limit);
    for (const { task } of lost) {
      await recordFeed(tx, task.projectId, 'task', { taskId: task.id, type: task.type, status: task.status });
    }
    return lost;
  }

  /** @throws TASK_NOT_FOUND */
  async get(projectId: string, taskId: string, tx?: Transaction): Promise<Task> {
    const task = await getTask(tx ?? this.#database, projectId, taskId);
    if (!task) throw new SignalboxError('TASK_NOT_FOUND', { id: taskId });
    return task;
  }

  async #end(tx: Transaction, claim: Claim, ending: Parameters<typeof endClaim>[2]): Promise<Task> {
    const task = await endClaim(tx, claim, ending);
    if (!task) throw new SignalboxError('CLAIM_LOST', { id: claim.taskId });
    await recordFeed(tx, claim.projectId, 'task', { taskId: task.id, type: task.type, status: task.status });
    return task;
  }
}

/** What makes two requests with one idempotency key the same one. */
function contentDigest(task: z.output<typeof enqueueSchema>): Buffer {
  const { idempotencyKey: _key, traceId: _trace, ...content } = task;
  return createHash('sha256').update(canonical(content)).digest();
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
