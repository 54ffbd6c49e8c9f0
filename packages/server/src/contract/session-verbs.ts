import {
  cleanupSchema,
  completeSessionSchema,
  failSessionSchema,
  memberSchema,
  retrySessionSchema,
  sessionSchema,
  sessionStatusSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { sessionParams } from './sessions.ts';

const tag = 'session verbs';

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
    bodyCheckedByRoom: true,
    ifMatch: 'optional',
    answer: { status: 200, about: 'The session as it is now.', schema: sessionSchema },
  });
}

/** A verb that takes nothing. */
function bare<Id extends string>(id: Id, path: string, summary: string) {
  return { ...verb(id, path, summary, z.strictObject({}).nullish()), bodyCheckedByRoom: false as const };
}

/** Membership is written by agents and knows no versions. */
function membership<Id extends string>(id: Id, path: string, summary: string) {
  return { ...verb(id, path, summary, memberSchema), role: 'agent' as const, ifMatch: 'none' as const };
}

export const startSession = bare('startSession', 'start', 'Start or queue a pending session');
export const pauseSession = bare('pauseSession', 'pause', 'Pause a running session');
export const resumeSession = bare('resumeSession', 'resume', 'Let a paused session go on');
export const stopSession = bare('stopSession', 'stop', 'Stop a session as its operator');
export const cancelSession = bare('cancelSession', 'cancel', 'Cancel a session as its owner');
export const restoreSession = bare('restoreSession', 'restore', 'Bring a soft-deleted session back');
export const joinSession = membership('joinSession', 'join', 'An agent joins');
export const leaveSession = membership('leaveSession', 'leave', 'An agent leaves');
export const completeSession = verb('completeSession', 'complete', 'Report success', completeSessionSchema);
export const failSession = verb('failSession', 'fail', 'Report failure', failSessionSchema);
export const retrySession = verb('retrySession', 'retry', 'Try a finished session again', retrySessionSchema.nullish());

export const bulkStatusSchema = z.strictObject({
  ids: z.array(z.guid()).min(1).max(1000),
  status: sessionStatusSchema,
});
export const bulkStatusResultSchema = z.object({
  changed: z.int(),
  skipped: z.array(z.object({ id: z.string(), reason: z.string(), status: sessionStatusSchema.optional() })),
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

export const cleanupResultSchema = z.object({
  totalSessions: z.int(),
  sessionsCleaned: z.int(),
  batchesProcessed: z.int(),
  /** Batches that failed; the cleanup ends with the first. */
  errors: z.int(),
  lastError: z.string().nullable(),
});
export const cleanUpSessions = operation({
  id: 'cleanUpSessions',
  method: 'POST',
  path: '/sessions/cleanup',
  tag,
  summary: 'Soft-delete finished sessions older than some days',
  role: 'operator',
  body: cleanupSchema.nullish(),
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'What was cleaned (ORC-147).', schema: cleanupResultSchema },
});
