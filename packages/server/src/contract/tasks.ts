import { TASK_FIELDS, taskSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'tasks';
const params = z.strictObject({ id: uuidSchema });

export const taskPageSchema = cursorPageOf(taskSchema);

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

export const cancelTask = operation({
  id: 'cancelTask',
  method: 'POST',
  path: '/tasks/{id}/cancel',
  tag,
  summary: 'Cancel a task',
  description: 'A run under way is told with its next heartbeat.',
  role: 'operator',
  params,
  body: z.strictObject({}).nullish(),
  answer: { status: 200, about: 'The task as it is now.', schema: taskSchema },
});
