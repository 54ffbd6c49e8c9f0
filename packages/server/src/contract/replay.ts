import {
  anchorSchema,
  checkpointSchema,
  checkpointStatisticsSchema,
  exportedRecordingSchema,
  failureSnapshotSchema,
  filesThenSchema,
  frameSchema,
  JOURNAL_EVENT_TYPES,
  journalEventSchema,
  makeRecordingSchema,
  recordingSchema,
  restoreSessionSchema,
  sessionSchema,
  sessionStateSchema,
  startRecordingSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryBoolean, queryInteger, queryList, queryNumber, queryText } from './query-values.ts';
import { sessionParams } from './sessions.ts';
import { fileContentSchema } from './workspaces.ts';

const recordingParams = z.strictObject({ id: uuidSchema });

export const sessionStateAnswerSchema = sessionStateSchema.extend({
  /** The latest checkpoint at that event. */
  currentCheckpoint: checkpointSchema.pick({ id: true, sequence: true, journalSeq: true }).nullable(),
});
export const getSessionState = operation({
  id: 'getSessionState',
  method: 'GET',
  path: '/sessions/{id}/state',
  tag: 'replay',
  summary: 'The state of a session at any event of its journal',
  description: 'Folded from the journal: exact, and equal to folding from the beginning. Without `seq` the latest.',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({ seq: queryInteger(0).optional() }),
  answer: { status: 200, about: 'The state right after that event.', schema: sessionStateAnswerSchema },
});

export const sessionFilesSchema = filesThenSchema.extend({
  /** The event, and when it happened. */
  seq: z.int(),
  at: z.iso.datetime(),
});
export const getSessionFiles = operation({
  id: 'getSessionFiles',
  method: 'GET',
  path: '/sessions/{id}/files',
  tag: 'replay',
  summary: 'The files of a session’s workspace at any event of its journal',
  description: 'As the nearest capture at or before the event has them, with what differs from the capture before it.',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({ seq: queryInteger(0).optional() }),
  answer: { status: 200, about: 'The files, and the capture they come from.', schema: sessionFilesSchema },
});

export const readSessionFile = operation({
  id: 'readSessionFile',
  method: 'GET',
  path: '/sessions/{id}/files/content',
  tag: 'replay',
  summary: 'One file as it was at an event of a session',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({ seq: queryInteger(0).optional(), path: queryText }),
  answer: { status: 200, about: 'The first mebibyte of it; no text for a binary file.', schema: fileContentSchema },
});

export const startRecording = operation({
  id: 'startRecording',
  method: 'POST',
  path: '/sessions/{id}/recordings',
  tag: 'replay',
  summary: 'Record a session from now on',
  description: 'Its first frame is the state as it stands; one recording of a session at a time.',
  role: 'operator',
  params: sessionParams,
  body: startRecordingSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The recording that has begun.', schema: recordingSchema },
  example: { title: 'The migration', maxDuration: 7200 },
});

export const makeRecording = operation({
  id: 'makeRecording',
  method: 'POST',
  path: '/sessions/{id}/recordings/from-journal',
  tag: 'replay',
  summary: 'Make a recording of what has happened already',
  role: 'operator',
  params: sessionParams,
  body: makeRecordingSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The recording, read back and checked.', schema: recordingSchema },
  example: { fromSeq: 1 },
});

export const recordingPageSchema = pageOf(recordingSchema);
export const listRecordings = operation({
  id: 'listRecordings',
  method: 'GET',
  path: '/recordings',
  tag: 'replay',
  summary: 'Recordings, the newest first',
  role: 'viewer',
  query: pageQuerySchema.extend({ sessionId: uuidSchema.optional(), status: recordingSchema.shape.status.optional() }),
  answer: { status: 200, about: 'A page of recordings.', schema: recordingPageSchema },
});

export const recordingStatisticsSchema = z.object({
  totalRecordings: z.int(),
  recordingNow: z.int(),
  totalFrames: z.int(),
  /** Bytes of frames as they are stored. */
  storageUsed: z.int(),
  compressionRatio: z.number(),
  averageDurationMs: z.number(),
  oldest: z.iso.datetime().nullable(),
  newest: z.iso.datetime().nullable(),
});
export const recordingStatistics = operation({
  id: 'recordingStatistics',
  method: 'GET',
  path: '/recordings/statistics',
  tag: 'replay',
  summary: 'Recordings in numbers, as measured',
  role: 'viewer',
  answer: { status: 200, about: 'The numbers.', schema: recordingStatisticsSchema },
});

export const getRecording = operation({
  id: 'getRecording',
  method: 'GET',
  path: '/recordings/{id}',
  tag: 'replay',
  summary: 'One recording',
  role: 'viewer',
  params: recordingParams,
  answer: { status: 200, about: 'The recording without its frames.', schema: recordingSchema },
});

const filterShape = {
  fromSeq: queryInteger(0).optional(),
  toSeq: queryInteger(0).optional(),
  types: queryList(z.enum(JOURNAL_EVENT_TYPES)).optional(),
  actors: queryList(queryText).optional(),
  includeSnapshots: queryBoolean.optional(),
};
export const framePageSchema = z.object({
  items: z.array(frameSchema),
  total: z.int(),
  /** Give it as `after` for the next page; null on the last one. */
  next: z.string().nullable(),
  /** Frames of this page that cannot be read. */
  damaged: z.array(z.object({ seq: z.int(), kind: z.enum(['event', 'snapshot']) })),
});
export const readFrames = operation({
  id: 'readFrames',
  method: 'GET',
  path: '/recordings/{id}/frames',
  tag: 'replay',
  summary: 'Frames of a recording',
  description:
    'With a lower bound the nearest snapshot at or below it comes first. Snapshots pass the filters of events.',
  role: 'viewer',
  params: recordingParams,
  query: z.strictObject({ ...filterShape, after: queryText.optional(), limit: queryInteger(1, 1000).optional() }),
  answer: { status: 200, about: 'Frames in order.', schema: framePageSchema },
});

export const playRecording = operation({
  id: 'playRecording',
  method: 'GET',
  path: '/recordings/{id}/play',
  tag: 'replay',
  summary: 'Play a recording in its own time, or faster or slower',
  description:
    'A frame per line of JSON, each when it is due. `speed` is how many times as fast as it happened, 0 for no waits at all; `longestGapMs` shortens long silences.',
  role: 'viewer',
  params: recordingParams,
  query: z.strictObject({
    ...filterShape,
    speed: queryNumber(0, 1_000_000).optional(),
    longestGapMs: queryInteger(1, 86_400_000).optional(),
  }),
  answer: { status: 200, about: 'Frames as they are played.', mediaType: 'application/x-ndjson' },
});

export const recordingState = operation({
  id: 'recordingState',
  method: 'GET',
  path: '/recordings/{id}/state',
  tag: 'replay',
  summary: 'The state at one of the events of a recording',
  role: 'viewer',
  params: recordingParams,
  query: z.strictObject({ seq: queryInteger(0) }),
  answer: { status: 200, about: 'The state right after that event.', schema: sessionStateSchema },
});

export const differenceSchema = z.object({
  equal: z.boolean(),
  left: journalEventSchema.nullable(),
  right: journalEventSchema.nullable(),
  /** Fields that differ; empty where one of the two has ended. */
  fields: z.array(z.string()),
});
export const compareRecordings = operation({
  id: 'compareRecordings',
  method: 'GET',
  path: '/recordings/{id}/difference',
  tag: 'replay',
  summary: 'The first event in which a recording differs from another one, or from a session',
  role: 'viewer',
  params: recordingParams,
  query: z.strictObject({ recordingId: uuidSchema.optional(), sessionId: uuidSchema.optional() }),
  answer: { status: 200, about: 'Where they part, if they do.', schema: differenceSchema },
});

export const stopRecording = operation({
  id: 'stopRecording',
  method: 'POST',
  path: '/recordings/{id}/stop',
  tag: 'replay',
  summary: 'End a recording',
  role: 'operator',
  params: recordingParams,
  answer: { status: 200, about: 'The recording, read back and checked.', schema: recordingSchema },
});

export const restoreRecording = operation({
  id: 'restoreRecording',
  method: 'POST',
  path: '/recordings/{id}/restore',
  tag: 'replay',
  summary: 'A new session that stands where a recording ends',
  role: 'operator',
  params: recordingParams,
  body: restoreSessionSchema,
  bodyCheckedByRoom: true,
  answer: {
    status: 201,
    about: 'The new session; it is pending, and its metadata say where it comes from.',
    schema: sessionSchema,
  },
  example: { title: 'As it was recorded' },
});

export const validateRecording = operation({
  id: 'validateRecording',
  method: 'POST',
  path: '/recordings/{id}/validate',
  tag: 'replay',
  summary: 'Read a recording back and check all of it',
  role: 'operator',
  params: recordingParams,
  answer: { status: 200, about: 'The recording with what was found.', schema: recordingSchema },
});

export const deleteRecording = operation({
  id: 'deleteRecording',
  method: 'DELETE',
  path: '/recordings/{id}',
  tag: 'replay',
  summary: 'Delete a recording with its frames',
  role: 'operator',
  params: recordingParams,
  query: z.strictObject({ force: queryBoolean.optional() }),
  answer: { status: 204, about: 'It is gone.' },
});

export const exportRecording = operation({
  id: 'exportRecording',
  method: 'GET',
  path: '/recordings/{id}/export',
  tag: 'replay',
  summary: 'A recording as a document',
  role: 'viewer',
  params: recordingParams,
  answer: { status: 200, about: 'A document that the import takes.', schema: exportedRecordingSchema },
});

export const importRecording = operation({
  id: 'importRecording',
  method: 'POST',
  path: '/recordings/import',
  tag: 'replay',
  summary: 'Take an exported recording',
  description: 'Checked whole before anything of it is kept.',
  role: 'operator',
  body: exportedRecordingSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 201, about: 'The recording, under an id of its own.', schema: recordingSchema },
});

export const anchorPageSchema = pageOf(anchorSchema);
export const listAnchors = operation({
  id: 'listAnchors',
  method: 'GET',
  path: '/anchors',
  tag: 'checkpoints',
  summary: 'What the last checkpoints say of an entity',
  role: 'viewer',
  query: z.strictObject({ entityId: queryText }),
  answer: { status: 200, about: 'Up to five, the newest last.', schema: anchorPageSchema },
});

export const checkpointStatistics = operation({
  id: 'checkpointStatistics',
  method: 'GET',
  path: '/checkpoints/statistics',
  tag: 'checkpoints',
  summary: 'Checkpoints in numbers',
  role: 'viewer',
  answer: { status: 200, about: 'The numbers.', schema: checkpointStatisticsSchema },
});

export const failureSnapshotPageSchema = pageOf(failureSnapshotSchema);
export const listFailureSnapshots = operation({
  id: 'listFailureSnapshots',
  method: 'GET',
  path: '/failure-snapshots',
  tag: 'checkpoints',
  summary: 'Failure snapshots, the newest first',
  role: 'viewer',
  query: pageQuerySchema.extend({ sessionId: uuidSchema.optional() }),
  answer: { status: 200, about: 'A page of them.', schema: failureSnapshotPageSchema },
});

export const getFailureSnapshot = operation({
  id: 'getFailureSnapshot',
  method: 'GET',
  path: '/failure-snapshots/{id}',
  tag: 'checkpoints',
  summary: 'One failure snapshot',
  description: 'Its events are those of the session’s journal up to `journalSeq`.',
  role: 'viewer',
  params: recordingParams,
  answer: { status: 200, about: 'The snapshot.', schema: failureSnapshotSchema },
});
