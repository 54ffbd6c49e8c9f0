import {
  enqueueSchema,
  failurePolicySchema,
  TASK_FIELDS,
  taskAttemptSchema,
  taskDependencySchema,
  taskSchema,
  taskStatusSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema, pageOf } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'tasks';
export const taskParams = z.strictObject({ id: uuidSchema });
const params = taskParams;

export const taskPageSchema = cursorPageOf(taskSchema);
export const taskAttemptPageSchema = pageOf(taskAttemptSchema);
export const taskDependencyPageSchema = pageOf(taskDependencySchema);

export const taskReceiptSchema = z.object({
  taskId: z.string(),
  status: taskStatusSchema,
  /** False: a key led to a task that was there already. */
  created: z.boolean(),
});
export const taskReceiptsSchema = z.object({ items: z.array(taskReceiptSchema) });
export const enqueueBatchSchema = z.strictObject({ tasks: z.array(enqueueSchema).min(1).max(5_000) });

export const listTasks = operation({
  id: 'listTasks',
  method: 'GET',
  path: '/tasks',
  tag,
  summary: 'List tasks',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(TASK_FIELDS.fields),
  answer: { status: 200, about: 'A page of tasks.', schema: taskPageSchema },
});

export const enqueueTask = operation({
  id: 'enqueueTask',
  method: 'POST',
  path: '/tasks',
  tag,
  summary: 'Put a task into a queue',
  description:
    'The same `idempotencyKey` with the same content answers the first task (24 h). With `dependsOn` it waits until those tasks have ended well; `onFailure` says what becomes of it if one ends badly.',
  role: 'agent',
  body: enqueueSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  example: { type: 'lint', payload: { package: 'parser' }, priority: 1, idempotencyKey: 'lint-parser-7f3a' },
  answer: {
    status: 201,
    about: 'The task is in its queue.',
    schema: taskReceiptSchema,
    found: 'A key led to a task that was there already.',
  },
});

export const enqueueTasks = operation({
  id: 'enqueueTasks',
  method: 'POST',
  path: '/tasks/batch',
  tag,
  summary: 'Put many tasks, or a whole graph, into their queues',
  description:
    'All of them or none. Tasks of the call may depend on each other by `ref`; a cycle is refused and named (409 TASK_DEPENDENCY_CYCLE).',
  role: 'agent',
  body: enqueueBatchSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  example: {
    tasks: [
      { ref: 'build', type: 'build' },
      { ref: 'test', type: 'test', dependsOn: [{ ref: 'build', onFailure: 'skip' }] },
    ],
  },
  answer: { status: 201, about: 'A receipt per task, in their order.', schema: taskReceiptsSchema },
});

export const getTask = operation({
  id: 'getTask',
  method: 'GET',
  path: '/tasks/{id}',
  tag,
  summary: 'One task',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The task.', schema: taskSchema },
});

export const taskAttempts = operation({
  id: 'taskAttempts',
  method: 'GET',
  path: '/tasks/{id}/attempts',
  tag,
  summary: 'How the attempts at a task went',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The attempts that are over, first to last.', schema: taskAttemptPageSchema },
});

export const taskChildren = operation({
  id: 'taskChildren',
  method: 'GET',
  path: '/tasks/{id}/children',
  tag,
  summary: 'What a task was decomposed into, with results',
  role: 'viewer',
  params,
  query: listQuerySchema,
  filters: Object.keys(TASK_FIELDS.fields),
  answer: { status: 200, about: 'A page of tasks, oldest first.', schema: taskPageSchema },
});

export const taskDependencies = operation({
  id: 'taskDependencies',
  method: 'GET',
  path: '/tasks/{id}/dependencies',
  tag,
  summary: 'What a task waits for, and what waits for it',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The edges in both directions.', schema: taskDependencyPageSchema },
});

export const addDependenciesSchema = z.strictObject({
  dependsOn: z
    .array(z.strictObject({ taskId: uuidSchema, onFailure: failurePolicySchema.default('fail') }))
    .min(1)
    .max(1_000),
});
export const addTaskDependencies = operation({
  id: 'addTaskDependencies',
  method: 'POST',
  path: '/tasks/{id}/dependencies',
  tag,
  summary: 'Let a waiting or queued task wait for others too',
  role: 'agent',
  params,
  body: addDependenciesSchema,
  answer: { status: 200, about: 'The task as it is now.', schema: taskSchema },
});

export const cancelTask = operation({
  id: 'cancelTask',
  method: 'POST',
  path: '/tasks/{id}/cancel',
  tag,
  summary: 'Cancel a task',
  description: 'With all that it was decomposed into. Work under way is told with its next heartbeat.',
  role: 'operator',
  params,
  body: z.strictObject({}).nullish(),
  answer: { status: 200, about: 'The task as it is now.', schema: taskSchema },
});
