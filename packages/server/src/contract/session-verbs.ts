import { sessionSchema, sessionStatusSchema } from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { sessionParams } from './sessions.ts';

const tag = 'session verbs';
const noBody = z.strictObject({}).nullish();

/** What the verbs have in common: an id, an optional version, and the session as it is then. */
function verb<Id extends string, Body extends z.ZodType>(id: Id, path: string, summary: string, body: Body) {
  return operation({
    id,
    method: 'POST',
    path: `/sessions/{id}/${path}`,
    tag,
    summary,
    role: 'operator',
    params: sessionParams,
    body,
    ifMatch: 'optional',
    answer: { status: 200, about: 'The session as it is now.', schema: sessionSchema },
  });
}

export const startSession = verb('startSession', 'start', 'Start or queue a pending session', noBody);
export const pauseSession = verb('pauseSession', 'pause', 'Pause a running session', noBody);
export const resumeSession = verb('resumeSession', 'resume', 'Let a paused session go on', noBody);
export const stopSession = verb('stopSession', 'stop', 'Stop a session as its operator', noBody);
export const cancelSession = verb('cancelSession', 'cancel', 'Cancel a session as its owner', noBody);
export const restoreSession = verb('restoreSession', 'restore', 'Bring a soft-deleted session back', noBody);

const rate = z.number().min(0).max(1);
const jsonObject = z.record(z.string(), z.json());
export const completeSessionSchema = z.strictObject({
  result: jsonObject,
  successRate: rate.optional(),
  confidenceScore: rate.optional(),
});
export const completeSession = verb('completeSession', 'complete', 'Report success', completeSessionSchema);

export const failSessionSchema = z.strictObject({
  error: z.string().min(1),
  errorContext: jsonObject.optional(),
  /** Whether a retry may help; true unless it is said. */
  retryable: z.boolean().optional(),
});
export const failSession = verb('failSession', 'fail', 'Report failure', failSessionSchema);

export const retrySessionSchema = z
  .strictObject({
    /** Start it at once. By default a session with a runtime is started, one driven by its caller is not. */
    start: z.boolean().optional(),
    /** Checkpoint to go on from; the last one by default. */
    fromCheckpoint: z.int().min(1).optional(),
  })
  .nullish();
export const retrySession = verb('retrySession', 'retry', 'Try a failed session again', retrySessionSchema);

export const membershipSchema = z.strictObject({ agent: z.string().min(1).max(100) });
export const joinSession = {
  ...verb('joinSession', 'join', 'An agent joins', membershipSchema),
  role: 'agent' as const,
};
export const leaveSession = {
  ...verb('leaveSession', 'leave', 'An agent leaves', membershipSchema),
  role: 'agent' as const,
};

export const bulkStatusSchema = z.strictObject({
  ids: z.array(z.guid()).min(1).max(1000),
  status: sessionStatusSchema,
});
export const bulkStatusResultSchema = z.object({
  changed: z.int(),
  skipped: z.array(z.object({ id: z.string(), reason: z.string() })),
});
export const changeSessionStatuses = operation({
  id: 'changeSessionStatuses',
  method: 'POST',
  path: '/sessions/status',
  tag,
  summary: 'Change the status of several sessions',
  description: 'Those that cannot go to the status are left as they are, and named with the reason.',
  role: 'operator',
  body: bulkStatusSchema,
  answer: { status: 200, about: 'How many changed, and which did not.', schema: bulkStatusResultSchema },
});

export const cleanupSchema = z
  .strictObject({
    olderThanDays: z.int().min(0).max(36_500).optional(),
    batchSize: z.int().min(1).max(10_000).optional(),
  })
  .nullish();
export const cleanupResultSchema = z.object({
  totalSessions: z.int(),
  sessionsCleaned: z.int(),
  batchesProcessed: z.int(),
  errors: z.array(z.string()),
});
export const cleanUpSessions = operation({
  id: 'cleanUpSessions',
  method: 'POST',
  path: '/sessions/cleanup',
  tag,
  summary: 'Soft-delete finished sessions older than some days',
  role: 'operator',
  body: cleanupSchema,
  answer: { status: 200, about: 'What was cleaned (ORC-147).', schema: cleanupResultSchema },
});
