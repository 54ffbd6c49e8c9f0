import {
  type ActionOptions,
  acting,
  answerOf,
  type CallOptions,
  type CreateOptions,
  type Transport,
} from '../transport/transport.ts';
import type {
  Anchor,
  Checkpoint,
  CheckpointStatistics,
  CreateCheckpoint,
  FailureSnapshot,
  ListQuery,
  Page,
  RestoreSession,
  ResumeCheckpoint,
  ResumedSession,
  Session,
} from '../types.ts';

/** Numbered resume points of a session. */
export function checkpointMethods({ http, creating }: Transport) {
  return {
    list: (sessionId: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Checkpoint>> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/checkpoints', {
          params: { path: { id: sessionId }, query },
          ...options,
        }),
      ),
    get: (sessionId: string, sequence: number, options: CallOptions = {}): Promise<Checkpoint> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/checkpoints/{sequence}', {
          params: { path: { id: sessionId, sequence } },
          ...options,
        }),
      ),
    statistics: (options: CallOptions = {}): Promise<CheckpointStatistics> =>
      answerOf(http.GET('/api/v1/checkpoints/statistics', { ...options })),
    /** What the last checkpoints say of an entity, the newest last. */
    anchors: (entityId: string, options: CallOptions = {}): Promise<Page<Anchor>> =>
      answerOf(http.GET('/api/v1/anchors', { params: { query: { entityId } }, ...options })),
    /** The newest first. */
    failureSnapshots: (
      query: { sessionId?: string; page?: number; pageSize?: number } = {},
      options: CallOptions = {},
    ): Promise<Page<FailureSnapshot>> =>
      answerOf(http.GET('/api/v1/failure-snapshots', { params: { query }, ...options })),
    failureSnapshot: (id: string, options: CallOptions = {}): Promise<FailureSnapshot> =>
      answerOf(http.GET('/api/v1/failure-snapshots/{id}', { params: { path: { id } }, ...options })),
    /** Goes on from a checkpoint, the session's own later changes taken back. */
    resume: (
      sessionId: string,
      sequence: number,
      how: ResumeCheckpoint = {},
      options?: ActionOptions,
    ): Promise<ResumedSession> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/checkpoints/{sequence}/resume', {
          params: { path: { id: sessionId, sequence } },
          body: how,
          ...acting(options),
        }),
      ),
    /** A new session that stands where this one stood at a checkpoint. */
    restore: (
      sessionId: string,
      sequence: number,
      as: RestoreSession = {},
      options?: CreateOptions,
    ): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/checkpoints/{sequence}/restore', {
          params: { path: { id: sessionId, sequence } },
          body: as,
          ...creating(options),
        }),
      ),
    create: (sessionId: string, checkpoint: CreateCheckpoint, options?: CreateOptions): Promise<Checkpoint> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/checkpoints', {
          params: { path: { id: sessionId } },
          body: checkpoint,
          ...creating(options),
        }),
      ),
  };
}
