import {
  type ActionOptions,
  answerOf,
  type CallOptions,
  type CreateOptions,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  Attempts,
  BulkStatusResult,
  CleanupResult,
  CreateSession,
  FoundSession,
  ListQuery,
  Page,
  Session,
  SessionMetrics,
  SessionMonitor,
  SessionStats,
  SessionStatus,
  SessionTree,
  SessionWithRelations,
  UpdateSession,
} from '../types.ts';

/** Relations that `sessions.get` can bring along. */
export type SessionRelation = 'metrics' | 'checkpoints' | 'children';

/** Sessions: creating, finding, and the verbs of their life. Every method throws `ApiError`. */
export function sessionMethods(transport: Transport) {
  const { http } = transport;
  const at = (id: string) => ({ params: { path: { id } } });

  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Session>> =>
      answerOf(http.GET('/api/v1/sessions', { params: { query: query as never }, ...options })),
    search: (q: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<FoundSession>> =>
      answerOf(http.GET('/api/v1/sessions/search', { params: { query: { ...query, q } as never }, ...options })),
    create: (session: CreateSession, options?: CreateOptions): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions', { body: session, ...transport.creating(options) })),
    get: (id: string, include: SessionRelation[] = [], options: CallOptions = {}): Promise<SessionWithRelations> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}', {
          params: { path: { id }, query: include.length === 0 ? {} : ({ include: include.join(',') } as never) },
          ...options,
        }),
      ),
    /** Changes what is given and nothing else. `version` is the one last read. */
    update: (id: string, version: number, change: UpdateSession, options?: CallOptions): Promise<Session> =>
      answerOf(
        http.PATCH('/api/v1/sessions/{id}', { ...at(id), body: change, ...transport.changing(version, options) }),
      ),
    /** Puts it aside (`restore` brings it back), or removes it for good. */
    delete: (id: string, version: number, options: CallOptions & { hard?: boolean } = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/sessions/{id}', {
          params: { path: { id }, query: options.hard ? ({ hard: true } as never) : {} },
          ...transport.changing(version, options),
        }),
      ),
    start: (id: string, options?: ActionOptions): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/start', { ...at(id), ...transport.changing(options?.version, options) }),
      ),
    pause: (id: string, options?: ActionOptions): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/pause', { ...at(id), ...transport.changing(options?.version, options) }),
      ),
    resume: (id: string, options?: ActionOptions): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/resume', { ...at(id), ...transport.changing(options?.version, options) }),
      ),
    stop: (id: string, options?: ActionOptions): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/stop', { ...at(id), ...transport.changing(options?.version, options) }),
      ),
    cancel: (id: string, options?: ActionOptions): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/cancel', { ...at(id), ...transport.changing(options?.version, options) }),
      ),
    restore: (id: string, options?: ActionOptions): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/restore', { ...at(id), ...transport.changing(options?.version, options) }),
      ),
    complete: (
      id: string,
      outcome: { result?: unknown; successRate?: number; confidenceScore?: number } = {},
      options?: ActionOptions,
    ): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/complete', {
          ...at(id),
          body: outcome as never,
          ...transport.changing(options?.version, options),
        }),
      ),
    fail: (
      id: string,
      failure: { error: string; errorContext?: unknown; retryable?: boolean },
      options?: ActionOptions,
    ): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/fail', {
          ...at(id),
          body: failure as never,
          ...transport.changing(options?.version, options),
        }),
      ),
    /** The only way out of an end: a new attempt, started at once where asked. */
    retry: (
      id: string,
      how: { start?: boolean; fromCheckpoint?: number } = {},
      options?: ActionOptions,
    ): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/retry', {
          ...at(id),
          body: how,
          ...transport.changing(options?.version, options),
        }),
      ),
    join: (id: string, agent: string, options: CallOptions = {}): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions/{id}/join', { ...at(id), body: { agent }, ...options })),
    leave: (id: string, agent: string, options: CallOptions = {}): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions/{id}/leave', { ...at(id), body: { agent }, ...options })),
    metrics: (id: string, options: CallOptions = {}): Promise<SessionMetrics> =>
      answerOf(http.GET('/api/v1/sessions/{id}/metrics', { ...at(id), ...options })),
    tree: async (id: string, maxDepth?: number, options: CallOptions = {}): Promise<SessionTree> => {
      const query = maxDepth === undefined ? {} : { maxDepth };
      return (await answerOf(
        http.GET('/api/v1/sessions/{id}/tree', { params: { path: { id }, query }, ...options }),
      )) as unknown as SessionTree;
    },
    attempts: (id: string, options: CallOptions = {}): Promise<Attempts> =>
      answerOf(http.GET('/api/v1/sessions/{id}/attempts', { ...at(id), ...options })),
    stats: (options: CallOptions = {}): Promise<SessionStats> =>
      answerOf(http.GET('/api/v1/sessions/stats', { ...options })),
    monitor: (options: CallOptions = {}): Promise<SessionMonitor> =>
      answerOf(http.GET('/api/v1/sessions/monitor', { ...options })),
    /** Moves many at once; those that may not go there are named in `skipped`. */
    setStatus: (ids: string[], status: SessionStatus, options: CallOptions = {}): Promise<BulkStatusResult> =>
      answerOf(http.POST('/api/v1/sessions/status', { body: { ids, status }, ...options })),
    cleanup: (
      what: { olderThanDays?: number; batchSize?: number } = {},
      options: CallOptions = {},
    ): Promise<CleanupResult> => answerOf(http.POST('/api/v1/sessions/cleanup', { body: what, ...options })),
  };
}
