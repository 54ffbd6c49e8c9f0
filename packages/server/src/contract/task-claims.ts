import {
  decomposeOptionsSchema,
  type EnqueueTask,
  enqueueSchema,
  queueNameSchema,
  taskStatusSchema,
  taskTypeSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { taskParams, taskReceiptsSchema } from './tasks.ts';

const tag = 'tasks';
const params = taskParams;
/** Fencing token of the claim. */
const token = z.int().min(1);
const claimRefSchema = z.strictObject({ taskId: uuidSchema, token });
/** What is written about work counts as lost with the claim. */
const CLAIM_LOST = '409 CLAIM_LOST once the claim is not yours any more: stop working on it.';

export const claimTasksSchema = z.strictObject({
  /** Who asks; the claims are this agent's alone. */
  agent: z.string().min(1).max(255),
  /** Served in this order. */
  queues: z.array(queueNameSchema).min(1).max(20).default(['default']),
  /** Only these; any without. */
  types: z.array(taskTypeSchema).min(1).max(100).optional(),
  /** Everything that a task may require. */
  able: z.array(z.string().min(1).max(100)).max(100).default([]),
  limit: z.int().min(1).max(1_000).default(1),
  /** For how long the claims hold without a heartbeat. */
  leaseSeconds: z.number().min(1).max(600).default(30),
  /** How long to wait for the first task. */
  waitSeconds: z.number().min(0).max(30).default(0),
});
export const claimSchema = z.object({
  taskId: z.string(),
  /** Goes with every later write. */
  token: z.int(),
  sessionId: z.string().nullable(),
  queue: z.string(),
  type: z.string(),
  payload: z.record(z.string(), z.json()),
  priority: z.int(),
  agent: z.string(),
  attempt: z.int(),
  /** Attempts before this one that failed or were lost. */
  failures: z.int(),
  maxAttempts: z.int(),
  traceparent: z.string().nullable(),
  expiresAt: z.iso.datetime(),
});
export const claimsSchema = z.object({ items: z.array(claimSchema) });

export const heartbeatSchema = z.strictObject({
  claims: z.array(claimRefSchema).min(1).max(1_000),
  leaseSeconds: z.number().min(1).max(600).default(30),
});
export const lostClaimsSchema = z.object({ lost: z.array(z.object({ taskId: z.string(), token: z.int() })) });

/** Any JSON value; whoever sends it has made it of JSON. */
const json = z.unknown();
export const beginTaskSchema = z.strictObject({ token });
export const taskProgressSchema = z.strictObject({ token, progress: json });
export const completeTaskSchema = z.strictObject({ token, result: json.optional() });
export const completeTasksSchema = z.strictObject({
  claims: z
    .array(claimRefSchema.extend({ result: json.optional() }))
    .min(1)
    .max(1_000),
});
export const failTaskSchema = z.strictObject({
  token,
  error: z.union([
    z.string().max(10_000),
    z.strictObject({ name: z.string().max(100).optional(), message: z.string().max(10_000) }),
  ]),
  /** False: trying again cannot help. */
  retryable: z.boolean().default(true),
  /** Until the next attempt; the task's own backoff without. */
  delaySeconds: z.number().min(0).max(604_800).optional(),
});
export const decomposeTaskSchema = z.strictObject({
  token,
  children: z.array(enqueueSchema).min(1).max(1_000),
  ...decomposeOptionsSchema.shape,
});

/** The same with the children as they came: what they leave out they take from their parent, and the room sees to that. */
export const decomposeEnvelopeSchema = decomposeTaskSchema.extend({
  children: z
    .array(z.custom<EnqueueTask>((child) => typeof child === 'object' && child !== null))
    .min(1)
    .max(1_000),
});

export const taskOutcomeSchema = z.object({ taskId: z.string(), status: taskStatusSchema });
const outcome = { status: 200, about: 'What the task is now.', schema: taskOutcomeSchema } as const;

export const claimTasks = operation({
  id: 'claimTasks',
  method: 'POST',
  path: '/tasks/claim',
  tag,
  summary: 'Claim work',
  description:
    'Ready tasks, most urgent first, that are this agent’s alone until their lease runs out; send heartbeats to keep them. Waits up to `waitSeconds` for the first one; the list is empty where none came.',
  role: 'agent',
  body: claimTasksSchema,
  example: { agent: 'worker-1', queues: ['default'], limit: 5, waitSeconds: 1 },
  verbatim: true,
  answer: { status: 200, about: 'The claims.', schema: claimsSchema },
});

export const heartbeatTasks = operation({
  id: 'heartbeatTasks',
  method: 'POST',
  path: '/tasks/heartbeat',
  tag,
  summary: 'Keep claims',
  description:
    'For all claims of an agent at once, three times within their lease. Stop working on those that are lost.',
  role: 'agent',
  body: heartbeatSchema,
  answer: { status: 200, about: 'Claims that are not yours any more.', schema: lostClaimsSchema },
});

export const completeTasks = operation({
  id: 'completeTasks',
  method: 'POST',
  path: '/tasks/complete',
  tag,
  summary: 'Complete many tasks',
  description: 'Each by itself: those whose claim is lost are answered, the others are completed.',
  role: 'agent',
  body: completeTasksSchema,
  largeBody: true,
  answer: { status: 200, about: 'Claims that were not yours any more.', schema: lostClaimsSchema },
});

export const beginTask = operation({
  id: 'beginTask',
  method: 'POST',
  path: '/tasks/{id}/begin',
  tag,
  summary: 'Say that work on a task has begun',
  description: CLAIM_LOST,
  role: 'agent',
  params,
  body: beginTaskSchema,
  answer: outcome,
});

export const progressTask = operation({
  id: 'progressTask',
  method: 'POST',
  path: '/tasks/{id}/progress',
  tag,
  summary: 'Say how far a task is',
  description: `Any JSON; the last one is kept. ${CLAIM_LOST}`,
  role: 'agent',
  params,
  body: taskProgressSchema,
  answer: outcome,
});

export const completeTask = operation({
  id: 'completeTask',
  method: 'POST',
  path: '/tasks/{id}/complete',
  tag,
  summary: 'Complete a task',
  description: CLAIM_LOST,
  role: 'agent',
  params,
  body: completeTaskSchema,
  largeBody: true,
  answer: outcome,
});

export const failTask = operation({
  id: 'failTask',
  method: 'POST',
  path: '/tasks/{id}/fail',
  tag,
  summary: 'Fail an attempt at a task',
  description: `It is queued again after a growing delay while attempts are left, then it is dead; failed where \`retryable\` is false. ${CLAIM_LOST}`,
  role: 'agent',
  params,
  body: failTaskSchema,
  answer: outcome,
});

export const releaseTask = operation({
  id: 'releaseTask',
  method: 'POST',
  path: '/tasks/{id}/release',
  tag,
  summary: 'Give a claim back unworked',
  description: `The attempt does not count. ${CLAIM_LOST}`,
  role: 'agent',
  params,
  body: beginTaskSchema,
  answer: outcome,
});

export const decomposeTask = operation({
  id: 'decomposeTask',
  method: 'POST',
  path: '/tasks/{id}/decompose',
  tag,
  summary: 'Turn a task into children and wait for them',
  description: `The claim ends. After its children the task is queued again (\`afterwards: "resume"\`) or completed with their results (\`"complete"\`). ${CLAIM_LOST}`,
  role: 'agent',
  params,
  body: decomposeTaskSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 201, about: 'A receipt per child, in their order.', schema: taskReceiptsSchema },
});
