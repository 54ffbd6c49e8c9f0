import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseInput } from '../platform/errors/index.ts';
import { type Ids, uuidSchema } from '../platform/ids/ids.ts';
import { currentTrace } from '../platform/trace/index.ts';
import {
  backoffSchema,
  DEFAULT_QUEUE,
  queueNameSchema,
  type TaskStatus,
  taskTypeSchema,
  toMicroseconds,
} from './task.ts';
import { dependsOnSchema, taskRefSchema } from './task-graph.ts';

const MAX_DELAY_SECONDS = 31_536_000;

export const enqueueSchema = z.strictObject({
  type: taskTypeSchema,
  queue: queueNameSchema.default(DEFAULT_QUEUE),
  payload: z.record(z.string(), z.json()).default({}),
  priority: z.int().min(0).max(9).default(2),
  delaySeconds: z.number().nonnegative().max(MAX_DELAY_SECONDS).overwrite(toMicroseconds).default(0),
  /** Not before this time; wins over `delaySeconds`. */
  runAt: z.iso.datetime().nullable().default(null),
  /** One attempt and three retries (CLU-023); COORD-42 counts attempts in all. */
  maxAttempts: z.int().min(1).max(100).default(4),
  backoff: backoffSchema.nullable().default(null),
  sessionId: uuidSchema.nullable().default(null),
  /** What an agent must be able to do (COORD-23): names, or `name@range` of versions. */
  required: z.array(z.string().min(1).max(100)).max(20).default([]),
  /** Tasks that share it share their queue's limit per key. */
  concurrencyKey: z.string().min(1).max(255).nullable().default(null),
  /** It fails once it cannot be done by then (COORD-23). */
  deadline: z.iso.datetime().nullable().default(null),
  estimatedMs: z.int().nonnegative().nullable().default(null),
  idempotencyKey: z.string().min(1).max(255).nullable().default(null),
  idempotencySeconds: z.int().min(1).max(2_592_000).optional(),
  /**
   * At most one task of the project has this key, while it is `queued` or until it is over (`live`). Where there is one
   * already: `keep` answers it, `replace` answers it with the new payload and time if nobody has claimed it, `refuse` is an error.
   */
  unique: z
    .strictObject({
      key: z.string().min(1).max(255),
      while: z.enum(['queued', 'live']).default('live'),
      mode: z.enum(['keep', 'replace', 'refuse']).default('keep'),
    })
    .nullable()
    .default(null),
  ref: taskRefSchema.optional(),
  /** It waits until all of these have ended well, or as badly as they may. */
  dependsOn: z.array(dependsOnSchema).max(1_000).default([]),
  traceId: z.string().max(64).nullable().default(null),
  traceparent: z
    .string()
    .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .nullable()
    .default(null),
  createdBy: z.string().max(100).nullable().default(null),
});
export type EnqueueTask = z.input<typeof enqueueSchema>;

/** The task that answers an enqueue. */
export interface EnqueueReceipt {
  taskId: string;
  status: TaskStatus;
  /** False when a key led to a task that was there already. */
  created: boolean;
}

/** One element of the batch that `sb_tasks_enqueue` takes, without its number. */
export type TaskRow = Readonly<Record<string, unknown>> & {
  id: string;
  project: string;
  queue: string;
  type: string;
  key: string | null;
  /** Present where there are any; the database takes edges by a statement of their own. */
  dependsOn?: readonly z.output<typeof dependsOnSchema>[];
  ref?: string;
};

export interface RowOptions {
  status?: Extract<TaskStatus, 'queued' | 'waiting' | 'held'>;
  parentId?: string | null;
  /** Seconds for which an idempotency key is remembered where the call does not say. */
  idempotencySeconds: number;
}

/** Checks a call and gives it the form in which the store takes it. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
export function toTaskRow(projectId: string, input: EnqueueTask, ids: Ids, options: RowOptions): TaskRow {
  const task = parseInput(enqueueSchema, input);
  const trace = currentTrace();
  return {
    id: ids.uuid(),
    project: projectId,
    queue: task.queue,
    type: task.type,
    payload: task.payload,
    status: options.status ?? (task.dependsOn.length > 0 ? 'waiting' : 'queued'),
    priority: task.priority,
    delay: task.delaySeconds,
    runAt: task.runAt,
    maxAttempts: task.maxAttempts,
    backoff: task.backoff,
    session: task.sessionId,
    parent: options.parentId ?? null,
    required: [...new Set(task.required)].sort(),
    concurrencyKey: task.concurrencyKey,
    deadline: task.deadline,
    estimatedMs: task.estimatedMs,
    resumeAs: 'queued',
    key: task.idempotencyKey,
    digest: task.idempotencyKey === null ? null : contentDigest(task),
    keySeconds: task.idempotencySeconds ?? options.idempotencySeconds,
    uniqueKey: task.unique?.key ?? null,
    uniqueWhile: task.unique?.while ?? null,
    uniqueMode: task.unique?.mode ?? null,
    trace: task.traceId ?? task.traceparent?.slice(3, 35) ?? trace?.traceId ?? null,
    traceparent: task.traceparent,
    createdBy: task.createdBy,
    ...(task.ref === undefined ? {} : { ref: task.ref }),
    ...(task.dependsOn.length === 0 ? {} : { dependsOn: task.dependsOn }),
  };
}

/** What makes two requests with one idempotency key the same one. Hexadecimal. */
function contentDigest(task: z.output<typeof enqueueSchema>): string {
  const { idempotencyKey: _key, ref: _ref, traceId: _trace, traceparent: _parent, ...content } = task;
  return createHash('sha256').update(canonical(content)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
