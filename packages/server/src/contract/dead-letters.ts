import { queueNameSchema, taskSchema, taskTypeSchema } from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { taskParams } from './tasks.ts';

const tag = 'tasks';
const params = taskParams;

export const deadLetterFilterSchema = z.strictObject({
  queue: queueNameSchema.optional(),
  type: taskTypeSchema.optional(),
  status: z.enum(['dead', 'failed']).optional(),
});
export const deadLetterResultSchema = z.object({
  changed: z.int(),
  /** Left as they are: in another status by now, or their unique key is taken. */
  skipped: z.array(z.object({ id: z.string(), reason: z.string() })),
  /** There may be more: ask again. */
  more: z.boolean(),
});

export const redriveTask = operation({
  id: 'redriveTask',
  method: 'POST',
  path: '/tasks/{id}/redrive',
  tag,
  summary: 'Try a failed or dead task again',
  description:
    'With all its attempts; it waits where a prerequisite is not over. What runs a session is refused: retry the session.',
  role: 'operator',
  params,
  body: z.strictObject({}).nullish(),
  answer: { status: 200, about: 'The task as it is now.', schema: taskSchema },
});

export const redriveTasks = operation({
  id: 'redriveTasks',
  method: 'POST',
  path: '/tasks/redrive',
  tag,
  summary: 'Try all failed and dead tasks of a queue or type again',
  role: 'operator',
  body: deadLetterFilterSchema,
  example: { queue: 'default', status: 'dead' },
  answer: { status: 200, about: 'How many; up to 10,000 in one call.', schema: deadLetterResultSchema },
});

export const discardTask = operation({
  id: 'discardTask',
  method: 'POST',
  path: '/tasks/{id}/discard',
  tag,
  summary: 'Delete a failed or dead task for good',
  description: 'The audit keeps its error.',
  role: 'operator',
  params,
  body: z.strictObject({}).nullish(),
  answer: { status: 204, about: 'It is gone.' },
});

export const discardTasks = operation({
  id: 'discardTasks',
  method: 'POST',
  path: '/tasks/discard',
  tag,
  summary: 'Delete all failed and dead tasks of a queue or type for good',
  role: 'operator',
  body: deadLetterFilterSchema,
  example: { type: 'lint', status: 'failed' },
  answer: { status: 200, about: 'How many; up to 10,000 in one call.', schema: deadLetterResultSchema },
});
