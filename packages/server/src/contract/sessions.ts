import {
  checkpointSchema,
  createSessionSchema,
  SESSION_FIELDS,
  SESSION_RELATIONS,
  sessionMetricsSchema,
  sessionSchema,
  updateSessionSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryBoolean, queryList, queryText } from './query-values.ts';

const tag = 'sessions';
const FILTERS = Object.keys(SESSION_FIELDS.fields);
export const sessionParams = z.strictObject({ id: uuidSchema });

export const sessionPageSchema = cursorPageOf(sessionSchema);
export const sessionSearchPageSchema = cursorPageOf(sessionSchema.extend({ rank: z.number() }));

export const listSessions = operation({
  id: 'listSessions',
  method: 'GET',
  path: '/sessions',
  tag,
  summary: 'List sessions',
  description: 'Pages of sessions, by default newest first; filters combine with and.',
  role: 'viewer',
  query: listQuerySchema,
  filters: FILTERS,
  answer: { status: 200, about: 'A page of sessions.', schema: sessionPageSchema },
});

export const createSession = operation({
  id: 'createSession',
  method: 'POST',
  path: '/sessions',
  tag,
  summary: 'Create a session',
  description: 'It is pending, and nothing more, unless `start` is true: then it is queued in the same transaction.',
  role: 'agent',
  body: createSessionSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The session.', schema: sessionSchema },
  example: {
    title: 'Mend the rounding in invoices',
    initialPrompt: 'The totals in src/invoice.ts are off by a cent. Find out why and mend it.',
    runtime: 'opencode',
    workspaceId: '01990000-0000-7000-8000-000000000001',
    start: true,
  },
});

export const searchSessions = operation({
  id: 'searchSessions',
  method: 'GET',
  path: '/sessions/search',
  tag,
  summary: 'Search titles and descriptions',
  description: 'Full text, best first; the filters of the list apply as well (ORC-111).',
  role: 'viewer',
  query: listQuerySchema.extend({ q: queryText.pipe(z.string().trim().min(1).max(1000)) }),
  filters: FILTERS,
  answer: { status: 200, about: 'A page of sessions with their rank.', schema: sessionSearchPageSchema },
});

const share = { count: z.int(), percentage: z.number() };
/** Of the sessions that have ended; 0 without any. */
const seconds = z.number();
export const sessionStatsSchema = z.object({
  statusDistribution: z.array(z.object({ status: sessionSchema.shape.status, ...share })),
  typeDistribution: z.array(z.object({ type: sessionSchema.shape.sessionType, count: z.int() })),
  priorityDistribution: z.array(z.object({ priority: sessionSchema.shape.priority, count: z.int() })),
  durationStats: z.object({
    totalSessions: z.int(),
    avgDurationSeconds: seconds,
    medianDurationSeconds: seconds,
    minDurationSeconds: seconds,
    maxDurationSeconds: seconds,
  }),
  timestamp: z.iso.datetime(),
});
export const sessionStats = operation({
  id: 'sessionStats',
  method: 'GET',
  path: '/sessions/stats',
  tag,
  summary: 'Statistics of the live sessions',
  role: 'viewer',
  answer: { status: 200, about: 'Distributions and durations (ORC-139).', schema: sessionStatsSchema },
});

export const sessionMonitorSchema = z.object({
  activeSessionsCount: z.int(),
  atRiskSessionsCount: z.int(),
  atRiskSessions: z.array(
    z.object({
      sessionId: z.string(),
      title: z.string(),
      elapsedSeconds: z.number(),
      timeRemainingSeconds: z.number(),
      healthScore: z.number(),
    }),
  ),
  stats: sessionStatsSchema,
  timestamp: z.iso.datetime(),
});
export const monitorSessions = operation({
  id: 'monitorSessions',
  method: 'GET',
  path: '/sessions/monitor',
  tag,
  summary: 'Sessions that are at risk of running out of time',
  role: 'viewer',
  answer: { status: 200, about: 'The active sessions and those at risk.', schema: sessionMonitorSchema },
});

/** A session with the relations that were asked for. */
export const sessionDetailSchema = sessionSchema.extend({
  metrics: sessionMetricsSchema.optional(),
  checkpoints: z.array(checkpointSchema).optional(),
  childIds: z.array(z.string()).optional(),
});

export const getSession = operation({
  id: 'getSession',
  method: 'GET',
  path: '/sessions/{id}',
  tag,
  summary: 'One session',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({
    include: queryList(z.enum(SESSION_RELATIONS)).optional(),
    includeDeleted: queryBoolean.optional(),
  }),
  answer: {
    status: 200,
    about: 'The session, with what was asked for.',
    schema: sessionDetailSchema,
  },
});

export const updateSession = operation({
  id: 'updateSession',
  method: 'PATCH',
  path: '/sessions/{id}',
  tag,
  summary: 'Change a session',
  description: 'Only what is given is changed. `metadata` is merged key by key; null takes a key away.',
  role: 'operator',
  params: sessionParams,
  body: updateSessionSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The session as it is now.', schema: sessionSchema },
  example: { priority: 1, metadata: { ticket: 'BILL-7' } },
});

export const deleteSession = operation({
  id: 'deleteSession',
  method: 'DELETE',
  path: '/sessions/{id}',
  tag,
  summary: 'Delete a session',
  description: 'Softly: it can be restored. With `hard=true` it goes with its journal, metrics and checkpoints.',
  role: 'operator',
  params: sessionParams,
  query: z.strictObject({ hard: queryBoolean.optional() }),
  ifMatch: 'required',
  answer: { status: 204, about: 'It is deleted.' },
});
