import {
  appendEventSchema,
  attemptRecordSchema,
  checkpointSchema,
  createCheckpointSchema,
  JOURNAL_EVENT_TYPES,
  journalEventSchema,
  restoreSessionSchema,
  resumeCheckpointSchema,
  type SessionTree,
  sessionMetricsSchema,
  sessionSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { listQuerySchema, pageOf } from './lists.ts';
import { operation } from './operation.ts';
import { queryInteger, queryList, queryText } from './query-values.ts';
import { sessionParams } from './sessions.ts';

export const metricsReportSchema = sessionMetricsSchema.extend({
  /** 1 is well, 0 is not (ORC-017). */
  healthScore: z.number(),
  isRecoverable: z.boolean(),
});
export const sessionMetrics = operation({
  id: 'sessionMetrics',
  method: 'GET',
  path: '/sessions/{id}/metrics',
  tag: 'sessions',
  summary: 'Metrics of the current attempt',
  role: 'viewer',
  params: sessionParams,
  answer: { status: 200, about: 'The metrics; what was not measured is null.', schema: metricsReportSchema },
});

export const sessionTreeSchema: z.ZodType<SessionTree> = z.object({
  id: z.string(),
  title: z.string(),
  status: sessionSchema.shape.status,
  sessionType: sessionSchema.shape.sessionType,
  depth: z.int(),
  get children() {
    return z.array(sessionTreeSchema);
  },
});
export const sessionTree = operation({
  id: 'sessionTree',
  method: 'GET',
  path: '/sessions/{id}/tree',
  tag: 'sessions',
  summary: 'A session and those below it',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({ maxDepth: queryInteger(1, 100).optional() }),
  answer: { status: 200, about: 'The tree, children oldest first.', schema: sessionTreeSchema },
});

export const attemptPageSchema = pageOf(attemptRecordSchema);
export const sessionAttempts = operation({
  id: 'sessionAttempts',
  method: 'GET',
  path: '/sessions/{id}/attempts',
  tag: 'sessions',
  summary: 'Outcomes of the attempts before the current one',
  role: 'viewer',
  params: sessionParams,
  answer: { status: 200, about: 'The earlier attempts, first to last.', schema: attemptPageSchema },
});

export const journalPageSchema = z.object({
  items: z.array(journalEventSchema),
  total: z.int(),
  page: z.int(),
  pageSize: z.int(),
  /** Pass it as `afterSeq` to go on; null at the end, and in descending order (go on with `beforeSeq`). */
  nextAfterSeq: z.int().nullable(),
});
export const readJournal = operation({
  id: 'readJournal',
  method: 'GET',
  path: '/sessions/{id}/journal',
  tag: 'journal',
  summary: 'Read the journal of a session',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({
    afterSeq: queryInteger(0).optional(),
    beforeSeq: queryInteger(1).optional(),
    types: queryList(z.enum(JOURNAL_EVENT_TYPES)).optional(),
    actor: queryText.optional(),
    pageSize: queryInteger(1, 1000).optional(),
    order: z.enum(['asc', 'desc']).optional(),
  }),
  answer: { status: 200, about: 'Events in the order asked for.', schema: journalPageSchema },
});

export const appendJournalSchema = z.strictObject({ events: z.array(appendEventSchema).min(1).max(500) });
export const appendResultSchema = z.object({
  items: z.array(z.object({ seq: z.int(), eventId: z.string(), duplicate: z.boolean() })),
});
export const appendJournal = operation({
  id: 'appendJournal',
  method: 'POST',
  path: '/sessions/{id}/journal',
  tag: 'journal',
  summary: 'Append events to the journal',
  description:
    'All of them or none, in their order, numbered without gaps. An event whose `eventId` is already there is answered with its number and `duplicate: true`, so an append can be repeated safely.',
  role: 'agent',
  params: sessionParams,
  body: appendJournalSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 200, about: 'The number of each event.', schema: appendResultSchema },
  example: { events: [{ type: 'test_pass', actor: 'ci', payload: { suite: 'invoices', passed: 41 } }] },
});

export const readPayload = operation({
  id: 'readPayload',
  method: 'GET',
  path: '/sessions/{id}/journal/payloads/{digest}',
  tag: 'journal',
  summary: 'A payload that stands apart because of its size',
  role: 'viewer',
  params: sessionParams.extend({ digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be a hex SHA-256') }),
  answer: { status: 200, about: 'The payload as it was given.', schema: z.json() },
});

export const checkpointPageSchema = pageOf(checkpointSchema);
export const listCheckpoints = operation({
  id: 'listCheckpoints',
  method: 'GET',
  path: '/sessions/{id}/checkpoints',
  tag: 'checkpoints',
  summary: 'Checkpoints of a session',
  role: 'viewer',
  params: sessionParams,
  query: listQuerySchema.pick({ page: true, pageSize: true, sortOrder: true }).strict(),
  answer: { status: 200, about: 'A page of checkpoints, by sequence.', schema: checkpointPageSchema },
});

export const createCheckpoint = operation({
  id: 'createCheckpoint',
  method: 'POST',
  path: '/sessions/{id}/checkpoints',
  tag: 'checkpoints',
  summary: 'Set a checkpoint',
  role: 'agent',
  params: sessionParams,
  body: createCheckpointSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 201, about: 'The checkpoint with its sequence number.', schema: checkpointSchema },
  example: { data: { step: 'tests written' } },
});

export const getCheckpoint = operation({
  id: 'getCheckpoint',
  method: 'GET',
  path: '/sessions/{id}/checkpoints/{sequence}',
  tag: 'checkpoints',
  summary: 'One checkpoint',
  role: 'viewer',
  params: z.strictObject({ id: uuidSchema, sequence: queryInteger(1, 2_147_483_647) }),
  verbatim: true,
  answer: { status: 200, about: 'The checkpoint.', schema: checkpointSchema },
});

export const restoreFromCheckpoint = operation({
  id: 'restoreFromCheckpoint',
  method: 'POST',
  path: '/sessions/{id}/checkpoints/{sequence}/restore',
  tag: 'checkpoints',
  summary: 'A new session that stands where this one stood at a checkpoint',
  description: 'Its journal says the same up to there, its metadata where it comes from. It is pending; nothing runs.',
  role: 'operator',
  params: z.strictObject({ id: uuidSchema, sequence: queryInteger(1, 2_147_483_647) }),
  body: restoreSessionSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The new session.', schema: sessionSchema },
  example: { title: 'Another try from checkpoint 3' },
});

export const resumedSessionSchema = z.object({
  session: sessionSchema,
  checkpoint: checkpointSchema,
  /** The undo of its later changes; null where there was none. */
  undoId: z.string().nullable(),
});
export const resumeFromCheckpoint = operation({
  id: 'resumeFromCheckpoint',
  method: 'POST',
  path: '/sessions/{id}/checkpoints/{sequence}/resume',
  tag: 'checkpoints',
  summary: 'Go on from a checkpoint',
  description:
    'What the session itself changed since is taken back, and nothing of anybody else; the next attempt begins in the runtime’s own session behind the message that was the last one then. Tool calls with a result in the journal are not made again; where some have none, `unknownCalls` says what is to become of them.',
  role: 'operator',
  params: z.strictObject({ id: uuidSchema, sequence: queryInteger(1, 2_147_483_647) }),
  body: resumeCheckpointSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'optional',
  answer: { status: 200, about: 'The session, pending or queued for its next attempt.', schema: resumedSessionSchema },
  example: { unknownCalls: 'skip' },
});
