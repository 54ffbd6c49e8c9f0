import { recordAudit } from '../audit/index.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import { type QueueDepth, readDepths } from './queue-depth-store.ts';
import { type Queue, summarizeActivity } from './queue-figures.ts';
import { listQueueNames, readActivity, readFailureReasons, readQueueContents } from './queue-figures-store.ts';
import {
  isLimited,
  QUEUE_VERBS,
  type QueueChanges,
  type QueueSettings,
  type QueueVerb,
  type UpdateQueue,
  updateQueueSchema,
} from './queue-settings.ts';
import { getQueue, getQueues, lockQueue, slotLiveClaims, writeQueue } from './queue-settings-store.ts';
import { queueNameSchema } from './task.ts';

/** Where counting stops unless asked otherwise. */
const BOUND = 10_000;
/** How far back throughput and failures are told, in minutes. */
const RECENT_MINUTES = 5;

export interface QueuesParts {
  database: Database;
  /** Told which queues may have work again. */
  tasks: { wake(projectId: string, queues: readonly string[]): void };
}

/** Queues as people see and steer them: what they hold, what happens in them, their limits, and whether they are open. */
export class Queues {
  readonly #database: Database;
  readonly #tasks: QueuesParts['tasks'];

  constructor(parts: QueuesParts) {
    this.#database = parts.database;
    this.#tasks = parts.tasks;
  }

  /** Any name is a queue, also one that nobody has used yet. @throws VALIDATION_FAILED */
  async get(projectId: string, name: string): Promise<Queue> {
    const checked = parseInput(queueNameSchema, name);
    const [queue] = await this.#withFigures(projectId, [await getQueue(this.#database, projectId, checked)], BOUND);
    return queue as Queue;
  }

  /** The queues in which there is or was something, by name. @param bound where counting stops. */
  async list(
    projectId: string,
    page: number,
    pageSize: number,
    bound: number = BOUND,
  ): Promise<{ items: Queue[]; total: number }> {
    const names = await listQueueNames(this.#database, projectId);
    const shown = names.slice((page - 1) * pageSize, page * pageSize);
    const settings = await getQueues(this.#database, projectId, shown);
    return { items: await this.#withFigures(projectId, settings, bound), total: names.length };
  }

  /** How much is ready in the queues of all projects, for those who watch over them. @param bound where counting stops. */
  depths(limit: number, bound: number): Promise<QueueDepth[]> {
    return readDepths(this.#database, limit, bound);
  }

  /** Sets limits; those left out stay. Version 0 is that of a queue about which nothing was set. @throws VALIDATION_FAILED, OPTIMISTIC_LOCK */
  async update(projectId: string, name: string, version: number, input: UpdateQueue, actor: string): Promise<Queue> {
    return this.#change(
      projectId,
      name,
      version,
      parseInput(updateQueueSchema, input) as QueueChanges,
      'update',
      actor,
    );
  }

  /** Nothing more is claimed; work under way goes on. @throws OPTIMISTIC_LOCK where a version is given */
  pause(projectId: string, name: string, actor: string, version?: number): Promise<Queue> {
    return this.#steer(projectId, name, version, 'pause', actor);
  }

  resume(projectId: string, name: string, actor: string, version?: number): Promise<Queue> {
    return this.#steer(projectId, name, version, 'resume', actor);
  }

  /** Takes no new tasks (QUEUE_DRAINING) and lets those that are there be worked off. @throws OPTIMISTIC_LOCK */
  drain(projectId: string, name: string, actor: string, version?: number): Promise<Queue> {
    return this.#steer(projectId, name, version, 'drain', actor);
  }

  open(projectId: string, name: string, actor: string, version?: number): Promise<Queue> {
    return this.#steer(projectId, name, version, 'open', actor);
  }

  #steer(projectId: string, name: string, version: number | undefined, verb: QueueVerb, actor: string): Promise<Queue> {
    return this.#change(projectId, name, version, QUEUE_VERBS[verb], verb, actor);
  }

  async #change(
    projectId: string,
    name: string,
    version: number | undefined,
    changes: QueueChanges,
    verb: QueueVerb | 'update',
    actor: string,
  ): Promise<Queue> {
    const checked = parseInput(queueNameSchema, name);
    const written = await this.#database.transaction(
      async (tx) => {
        const before = await lockQueue(tx, projectId, checked);
        if (version !== undefined && version !== before.version) throw stale(before, version);
        const after = await writeQueue(tx, projectId, { ...before, ...changes });
        // Somebody else made the row between the two: as stale as any other version.
        if (!after) throw stale(await getQueue(tx, projectId, checked), before.version);
        if (isLimited(after) && !isLimited(before)) await slotLiveClaims(tx, projectId, checked);
        await record(tx, projectId, { before, after, verb, actor });
        tx.afterCommit(() => this.#tasks.wake(projectId, [checked]));
        return after;
      },
      { retries: 3 },
    );
    const [queue] = await this.#withFigures(projectId, [written], BOUND);
    return queue as Queue;
  }

  async #withFigures(projectId: string, settings: readonly QueueSettings[], bound: number): Promise<Queue[]> {
    if (settings.length === 0) return [];
    const names = settings.map(({ name }) => name);
    const contents = await readQueueContents(this.#database, projectId, names, bound);
    const { seconds, byQueue } = await readActivity(this.#database, projectId, RECENT_MINUTES);
    const reasons = await readFailureReasons(this.#database, projectId);
    return settings.flatMap((queue) => {
      const content = contents.get(queue.name);
      if (!content) return [];
      const activity = summarizeActivity(byQueue.get(queue.name) ?? [], seconds);
      return [{ ...queue, ...content, activity, failureReasons: reasons.get(queue.name) ?? [] }];
    });
  }
}

function stale(queue: QueueSettings, received: number): SignalboxError {
  const { name, version } = queue;
  return new SignalboxError('OPTIMISTIC_LOCK', { noun: 'queue', id: name, expected: version, received });
}

async function record(
  tx: Transaction,
  projectId: string,
  { before, after, verb, actor }: { before: QueueSettings; after: QueueSettings; verb: string; actor: string },
): Promise<void> {
  const fields = ['paused', 'draining', 'maxConcurrent', 'maxConcurrentPerKey', 'rate'] as const;
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  await recordAudit(tx, projectId, {
    actor,
    action: `queue.${verb}`,
    subjectType: 'queue',
    subjectId: after.name,
    versionBefore: before.version,
    versionAfter: after.version,
    changes: Object.fromEntries(changed.map((field) => [field, { before: before[field], after: after[field] }])),
  });
  await recordFeed(tx, projectId, 'queue', { queue: after.name, change: verb, version: after.version });
}
