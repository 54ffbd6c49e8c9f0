import { MAX_SAVE_BYTES, pruneThreadsSchema } from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { queryInteger, queryText } from './query-values.ts';

const tag = 'threads';
const params = z.strictObject({ id: z.string() });
const version = z.union([z.number(), z.string()]);

/** Checked without a pattern that would go back and forth over megabytes. */
const base64 = z.string().refine((text) => text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text), 'must be base64');
const bytesSchema = z.strictObject({ type: z.string(), base64 });

export const saveThreadCheckpointSchema = z.strictObject({
  namespace: z.string().default(''),
  checkpointId: z.string(),
  parentId: z.string().nullable().default(null),
  versions: z.record(z.string(), version),
  body: bytesSchema,
  metadata: bytesSchema,
  values: z.array(z.strictObject({ channel: z.string(), version, value: bytesSchema.nullable() })),
});

export const saveThreadWritesSchema = z.strictObject({
  namespace: z.string().default(''),
  checkpointId: z.string(),
  taskId: z.string(),
  taskPath: z.string().default(''),
  writes: z.array(z.strictObject({ idx: z.int(), channel: z.string(), value: bytesSchema })),
});

const answeredBytes = z.object({ type: z.string(), base64: z.string() });
export const threadCheckpointSchema = z.object({
  threadId: z.string(),
  namespace: z.string(),
  checkpointId: z.string(),
  parentId: z.string().nullable(),
  createdAt: z.iso.datetime(),
  versions: z.record(z.string(), version),
  body: answeredBytes,
  metadata: answeredBytes,
  values: z.array(z.object({ channel: z.string(), value: answeredBytes })),
  writes: z.array(
    z.object({ taskId: z.string(), taskPath: z.string(), idx: z.int(), channel: z.string(), value: answeredBytes }),
  ),
});
export const threadCheckpointPageSchema = z.object({
  items: z.array(threadCheckpointSchema),
  nextCursor: z.string().nullable(),
});

export const threadSchema = z.object({
  threadId: z.string(),
  createdAt: z.iso.datetime(),
  checkpoints: z.int(),
  lastSavedAt: z.iso.datetime().nullable(),
  bytes: z.int(),
});
export const threadPageSchema = z.object({ items: z.array(threadSchema), nextAfter: z.string().nullable() });
export const prunedThreadsSchema = z.object({ threads: z.int(), checkpoints: z.int(), values: z.int() });

export const listThreads = operation({
  id: 'listThreads',
  method: 'GET',
  path: '/threads',
  tag,
  summary: 'Threads of graphs that keep their checkpoints here',
  role: 'viewer',
  query: z.strictObject({ after: queryText.optional(), limit: queryInteger(1, 1_000).optional() }),
  answer: { status: 200, about: 'Threads in the order of their ids.', schema: threadPageSchema },
});

export const getThread = operation({
  id: 'getThread',
  method: 'GET',
  path: '/threads/{id}',
  tag,
  summary: 'One thread',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The thread.', schema: threadSchema },
});

export const deleteThread = operation({
  id: 'deleteThread',
  method: 'DELETE',
  path: '/threads/{id}',
  tag,
  summary: 'Delete a thread with all its checkpoints',
  role: 'agent',
  params,
  answer: { status: 204, about: 'There is no such thread any more.' },
});

export const saveThreadCheckpoint = operation({
  id: 'saveThreadCheckpoint',
  method: 'POST',
  path: '/threads/{id}/checkpoints',
  tag,
  summary: 'Save a checkpoint',
  description: `The values of channels that changed come with it, ${MAX_SAVE_BYTES / 1024 / 1024} MB at most in all; what did not change is not sent again. Safe to repeat.`,
  role: 'agent',
  params,
  body: saveThreadCheckpointSchema,
  largeBody: true,
  answer: { status: 204, about: 'It is saved.' },
  example: {
    checkpointId: '1ef4f797-8335-6428-8001-8a1503f9b875',
    versions: { messages: 2, topic: 1 },
    body: { type: 'json', base64: 'eyJ2Ijo0fQ==' },
    metadata: { type: 'json', base64: 'eyJzb3VyY2UiOiJsb29wIn0=' },
    values: [{ channel: 'messages', version: 2, value: { type: 'json', base64: 'WyJoZWxsbyJd' } }],
  },
});

export const saveThreadWrites = operation({
  id: 'saveThreadWrites',
  method: 'POST',
  path: '/threads/{id}/writes',
  tag,
  summary: 'Keep what a task wrote after a checkpoint',
  role: 'agent',
  params,
  body: saveThreadWritesSchema,
  largeBody: true,
  answer: { status: 204, about: 'It is kept.' },
});

export const loadThreadCheckpoint = operation({
  id: 'loadThreadCheckpoint',
  method: 'GET',
  path: '/threads/{id}/checkpoint',
  tag,
  summary: 'The checkpoint named, or the latest',
  role: 'viewer',
  params,
  query: z.strictObject({ namespace: queryText.optional(), checkpointId: queryText.optional() }),
  verbatim: true,
  answer: { status: 200, about: 'The checkpoint with all its values.', schema: threadCheckpointSchema },
});

export const listThreadCheckpoints = operation({
  id: 'listThreadCheckpoints',
  method: 'GET',
  path: '/thread-checkpoints',
  tag,
  summary: 'Checkpoints of one thread or of all',
  description: '`metadata` is JSON that a checkpoint’s metadata has to contain.',
  role: 'viewer',
  query: z.strictObject({
    threadId: queryText.optional(),
    namespace: queryText.optional(),
    checkpointId: queryText.optional(),
    before: queryText.optional(),
    metadata: queryText.optional(),
    limit: queryInteger(0, 1_000).optional(),
    cursor: queryText.optional(),
  }),
  verbatim: true,
  answer: { status: 200, about: 'Checkpoints, newest first.', schema: threadCheckpointPageSchema },
});

export const pruneThreads = operation({
  id: 'pruneThreads',
  method: 'POST',
  path: '/threads/prune',
  tag,
  summary: 'Delete old checkpoints',
  description:
    'Of one thread, or of all. Kept are the newest `keepLast` of each namespace, those younger than `olderThanSeconds`, and always the newest.',
  role: 'operator',
  body: pruneThreadsSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'What was deleted.', schema: prunedThreadsSchema },
  example: { keepLast: 20, olderThanSeconds: 604_800 },
});
