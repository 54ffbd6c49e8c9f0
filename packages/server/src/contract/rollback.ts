import {
  checkpointSchema,
  createRollbackPointSchema,
  OPERATION_FIELDS,
  operationCountSchema,
  rollbackDiffSchema,
  rollbackOperationSchema,
  rollbackOptionsSchema,
  rollbackPointSchema,
  rollbackPreviewSchema,
  rollbackSettingsSchema,
  rollbackTotalsSchema,
  snapshotSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema, pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryText } from './query-values.ts';
import { sessionParams } from './sessions.ts';
import { fileContentSchema } from './workspaces.ts';

const tag = 'rollback';
const params = z.strictObject({ id: uuidSchema });

export const rollbackPointPageSchema = pageOf(rollbackPointSchema);
export const rollbackOperationPageSchema = cursorPageOf(rollbackOperationSchema);

export const listRollbackPoints = operation({
  id: 'listRollbackPoints',
  method: 'GET',
  path: '/rollback/points',
  tag,
  summary: 'List rollback points',
  role: 'viewer',
  query: pageQuerySchema.extend({ sessionId: uuidSchema.optional() }),
  answer: {
    status: 200,
    about: 'A page of points that have not expired, newest first.',
    schema: rollbackPointPageSchema,
  },
});

export const createRollbackPoint = operation({
  id: 'createRollbackPoint',
  method: 'POST',
  path: '/rollback/points',
  tag,
  summary: 'Capture how everything is, under a name',
  description:
    'Holds the settings of the project and, where they are given, the state of a session: all as they were at one moment. The least recently used point gives way where the project has too many.',
  role: 'operator',
  body: createRollbackPointSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The point.', schema: rollbackPointSchema },
  example: { name: 'before the upgrade', ttl: 604_800_000 },
});

export const getRollbackPoint = operation({
  id: 'getRollbackPoint',
  method: 'GET',
  path: '/rollback/points/{id}',
  tag,
  summary: 'One rollback point',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The point.', schema: rollbackPointSchema },
});

export const deleteRollbackPoint = operation({
  id: 'deleteRollbackPoint',
  method: 'DELETE',
  path: '/rollback/points/{id}',
  tag,
  summary: 'Delete a rollback point and what it holds',
  description: 'Refused while an operation needs it. What was done with it stays on record.',
  role: 'operator',
  params,
  ifMatch: 'required',
  answer: { status: 204, about: 'It is deleted.' },
});

export const rollbackSnapshotPageSchema = pageOf(snapshotSchema);
export const rollbackPointSnapshots = operation({
  id: 'rollbackPointSnapshots',
  method: 'GET',
  path: '/rollback/points/{id}/snapshots',
  tag,
  summary: 'What a rollback point holds: kinds, sizes, checksums',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'Its snapshots, oldest first.', schema: rollbackSnapshotPageSchema },
});

export const readRollbackPointFile = operation({
  id: 'readRollbackPointFile',
  method: 'GET',
  path: '/rollback/points/{id}/files/content',
  tag,
  summary: 'One file as a rollback point holds it',
  role: 'viewer',
  params,
  query: z.strictObject({ path: queryText }),
  answer: { status: 200, about: 'The first mebibyte of it; no text for a binary file.', schema: fileContentSchema },
});

export const recaptureRollbackPoint = operation({
  id: 'recaptureRollbackPoint',
  method: 'POST',
  path: '/rollback/points/{id}/recapture',
  tag,
  summary: 'Capture again what a rollback point holds',
  role: 'operator',
  params,
  answer: { status: 200, about: 'The point, with what is now.', schema: rollbackPointSchema },
});

export const diffRollbackPoint = operation({
  id: 'diffRollbackPoint',
  method: 'GET',
  path: '/rollback/points/{id}/diff',
  tag,
  summary: 'What has to be changed to go back to a rollback point',
  description:
    '`oldValue` is what is there now, `newValue` what was there. Values that JSON has no word for are objects with `__type` and `data`.',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'One entry for each thing that differs.', schema: rollbackDiffSchema },
});

export const previewRollback = operation({
  id: 'previewRollback',
  method: 'POST',
  path: '/rollback/points/{id}/preview',
  tag,
  summary: 'What going back to a rollback point would do',
  description: 'Changes nothing. While nothing else changes, the rollback does exactly this.',
  role: 'viewer',
  params,
  body: rollbackOptionsSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The preview.', schema: rollbackPreviewSchema },
  example: { strategy: 'safe' },
});

export const startRollback = operation({
  id: 'startRollback',
  method: 'POST',
  path: '/rollback/points/{id}/operations',
  tag,
  summary: 'Go back to a rollback point',
  description: 'Answers at once; ask for the operation to see how far it is. One at a time changes a project.',
  role: 'operator',
  params,
  body: rollbackOptionsSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The operation, which has yet to begin.', schema: rollbackOperationSchema },
  example: { strategy: 'safe', conflictResolution: 'skip' },
});

export const listRollbackOperations = operation({
  id: 'listRollbackOperations',
  method: 'GET',
  path: '/rollback/operations',
  tag,
  summary: 'List rollbacks',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(OPERATION_FIELDS.fields),
  answer: { status: 200, about: 'A page of operations, newest first.', schema: rollbackOperationPageSchema },
});

export const getRollbackOperation = operation({
  id: 'getRollbackOperation',
  method: 'GET',
  path: '/rollback/operations/{id}',
  tag,
  summary: 'How far a rollback is, or what it did',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The operation.', schema: rollbackOperationSchema },
});

export const rollbackCancellationSchema = z.object({ cancelled: z.boolean(), operation: rollbackOperationSchema });
export const cancelRollback = operation({
  id: 'cancelRollback',
  method: 'POST',
  path: '/rollback/operations/{id}/cancel',
  tag,
  summary: 'Stop a rollback between two changes',
  description: '`safe` puts back what it has written. False when it was over, or somebody has asked already.',
  role: 'operator',
  params,
  answer: {
    status: 200,
    about: 'Whether this call stopped it, and how it stands.',
    schema: rollbackCancellationSchema,
  },
});

export const undoRollback = operation({
  id: 'undoRollback',
  method: 'POST',
  path: '/rollback/operations/{id}/undo',
  tag,
  summary: 'Go back to where everything was before a rollback',
  description: 'Needs the point that `safe`, or `backup: true`, made before the first change.',
  role: 'operator',
  params,
  body: rollbackOptionsSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The operation that goes back.', schema: rollbackOperationSchema },
  example: { strategy: 'safe' },
});

export const rollbackMetricsReportSchema = rollbackTotalsSchema.extend({
  sessions: z.object({
    totalSessions: z.int(),
    sessionsWithRollbacks: z.int(),
    averageRollbacksPerSession: z.number(),
  }),
  /** Of the operations that are kept, dry runs among them. */
  operations: z.array(operationCountSchema),
  /** How much is kept, and for how long: milliseconds and bytes; `defaultTtl` null where points never expire by themselves. */
  retention: rollbackSettingsSchema.pick({
    maxPoints: true,
    defaultTtl: true,
    maxSnapshotSize: true,
    sessionLimit: true,
    keepOperations: true,
  }),
});
export const rollbackMetrics = operation({
  id: 'rollbackMetrics',
  method: 'GET',
  path: '/rollback/metrics',
  tag,
  summary: 'Figures of rollback points and rollbacks',
  role: 'viewer',
  answer: { status: 200, about: 'Counted as it happened; times in milliseconds.', schema: rollbackMetricsReportSchema },
});

export const sessionRollbackHistorySchema = z.object({
  rollbackPoints: z.array(rollbackPointSchema),
  checkpoints: z.array(checkpointSchema.extend({ rollbackPointId: z.string().nullable() })),
  operations: z.array(rollbackOperationSchema),
});
export const sessionRollbackHistory = operation({
  id: 'sessionRollbackHistory',
  method: 'GET',
  path: '/sessions/{id}/rollback-history',
  tag,
  summary: 'Rollback points, checkpoints and rollbacks of a session',
  role: 'viewer',
  params: sessionParams,
  answer: { status: 200, about: 'Newest first; the latest hundred of each.', schema: sessionRollbackHistorySchema },
});
