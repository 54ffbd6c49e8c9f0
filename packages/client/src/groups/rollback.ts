import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  CreateRollbackPoint,
  FileContent,
  ListQuery,
  Page,
  RollbackCancellation,
  RollbackDiff,
  RollbackMetrics,
  RollbackOperation,
  RollbackPoint,
  RollbackPreview,
  RollbackSnapshot,
  SessionRollbackHistory,
  StartRollback,
} from '../types.ts';

/** Points to go back to, and going back to them. */
export function rollbackMethods({ http, creating }: Transport) {
  const at = (id: string, options: CallOptions) => ({ params: { path: { id } }, ...options });
  return {
    points: (
      query: { page?: number | undefined; pageSize?: number | undefined; sessionId?: string | undefined } = {},
      options: CallOptions = {},
    ): Promise<Page<RollbackPoint>> => answerOf(http.GET('/api/v1/rollback/points', { params: { query }, ...options })),
    point: (id: string, options: CallOptions = {}): Promise<RollbackPoint> =>
      answerOf(http.GET('/api/v1/rollback/points/{id}', at(id, options))),
    create: (point: CreateRollbackPoint, options?: CreateOptions): Promise<RollbackPoint> =>
      answerOf(http.POST('/api/v1/rollback/points', { body: point, ...creating(options) })),
    delete: (id: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/rollback/points/{id}', { params: { path: { id }, header: ifMatch(version) }, ...options }),
      ),
    snapshots: (id: string, options: CallOptions = {}): Promise<Page<RollbackSnapshot>> =>
      answerOf(http.GET('/api/v1/rollback/points/{id}/snapshots', at(id, options))),
    /** One file as the point holds it. */
    fileOf: (id: string, path: string, options: CallOptions = {}): Promise<FileContent> =>
      answerOf(
        http.GET('/api/v1/rollback/points/{id}/files/content', {
          params: { path: { id }, query: { path } },
          ...options,
        }),
      ),
    recapture: (id: string, options: CallOptions = {}): Promise<RollbackPoint> =>
      answerOf(http.POST('/api/v1/rollback/points/{id}/recapture', at(id, options))),
    diff: (id: string, options: CallOptions = {}): Promise<RollbackDiff> =>
      answerOf(http.GET('/api/v1/rollback/points/{id}/diff', at(id, options))),
    preview: (id: string, how: StartRollback = {}, options: CallOptions = {}): Promise<RollbackPreview> =>
      answerOf(http.POST('/api/v1/rollback/points/{id}/preview', { body: how, ...at(id, options) })),
    start: (id: string, how: StartRollback = {}, options?: CreateOptions): Promise<RollbackOperation> =>
      answerOf(
        http.POST('/api/v1/rollback/points/{id}/operations', {
          params: { path: { id } },
          body: how,
          ...creating(options),
        }),
      ),
    operations: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<RollbackOperation>> =>
      answerOf(http.GET('/api/v1/rollback/operations', { params: { query }, ...options })),
    operation: (id: string, options: CallOptions = {}): Promise<RollbackOperation> =>
      answerOf(http.GET('/api/v1/rollback/operations/{id}', at(id, options))),
    cancel: (id: string, options: CallOptions = {}): Promise<RollbackCancellation> =>
      answerOf(http.POST('/api/v1/rollback/operations/{id}/cancel', at(id, options))),
    undo: (id: string, how: StartRollback = {}, options: CallOptions = {}): Promise<RollbackOperation> =>
      answerOf(http.POST('/api/v1/rollback/operations/{id}/undo', { body: how, ...at(id, options) })),
    metrics: (options: CallOptions = {}): Promise<RollbackMetrics> =>
      answerOf(http.GET('/api/v1/rollback/metrics', { ...options })),
    sessionHistory: (id: string, options: CallOptions = {}): Promise<SessionRollbackHistory> =>
      answerOf(http.GET('/api/v1/sessions/{id}/rollback-history', at(id, options))),
  };
}
