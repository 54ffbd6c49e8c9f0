import { queueNameSchema, queueSchema, updateQueueSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'queues';
const params = z.strictObject({ name: queueNameSchema });
const nothing = z.strictObject({}).nullish();
const answer = { status: 200, about: 'The queue as it is now.', schema: queueSchema } as const;

export const queuePageSchema = pageOf(queueSchema);

export const listQueues = operation({
  id: 'listQueues',
  method: 'GET',
  path: '/queues',
  tag,
  summary: 'List queues',
  description:
    'Those with settings, with tasks that are ready or dead, and those where something happened within a day. Counts stop at 10,000 and say so (`exact`); what happened is that of the last minutes.',
  role: 'viewer',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of queues, by name.', schema: queuePageSchema },
});

export const getQueue = operation({
  id: 'getQueue',
  method: 'GET',
  path: '/queues/{name}',
  tag,
  summary: 'One queue',
  description: 'Every name is a queue: one that nobody has used or set anything about is open, empty and at version 0.',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The queue.', schema: queueSchema },
});

export const updateQueue = operation({
  id: 'updateQueue',
  method: 'PATCH',
  path: '/queues/{name}',
  tag,
  summary: 'Set the limits of a queue',
  description: 'Fields that are left out stay, null takes a limit away. Work that is under way counts.',
  role: 'operator',
  params,
  body: updateQueueSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer,
  example: { maxConcurrent: 8, maxConcurrentPerKey: 1, rate: { limit: 100, seconds: 60 } },
});

export const pauseQueue = operation({
  id: 'pauseQueue',
  method: 'POST',
  path: '/queues/{name}/pause',
  tag,
  summary: 'Let nothing more be claimed from a queue',
  description: 'Work that is under way goes on.',
  role: 'operator',
  params,
  body: nothing,
  ifMatch: 'optional',
  answer,
});

export const resumeQueue = operation({
  id: 'resumeQueue',
  method: 'POST',
  path: '/queues/{name}/resume',
  tag,
  summary: 'Let a paused queue go on',
  role: 'operator',
  params,
  body: nothing,
  ifMatch: 'optional',
  answer,
});

export const drainQueue = operation({
  id: 'drainQueue',
  method: 'POST',
  path: '/queues/{name}/drain',
  tag,
  summary: 'Let no new tasks into a queue',
  description: 'Those that are there are worked off; new ones are refused with QUEUE_DRAINING.',
  role: 'operator',
  params,
  body: nothing,
  ifMatch: 'optional',
  answer,
});

export const openQueue = operation({
  id: 'openQueue',
  method: 'POST',
  path: '/queues/{name}/open',
  tag,
  summary: 'Let a draining queue take tasks again',
  role: 'operator',
  params,
  body: nothing,
  ifMatch: 'optional',
  answer,
});
