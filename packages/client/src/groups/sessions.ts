import {
  type ActionOptions,
  acting,
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  Attempt,
  CleanupResult,
  CompleteSession,
  CreateSession,
  FailSession,
  FoundSession,
  ListQuery,
  Page,
  RetrySession,
  Session,
  SessionDetail,
  SessionMetrics,
  SessionMonitor,
  SessionStats,
  SessionStatus,
  SessionTree,
  StatusChanges,
  UpdateSession,
} from '../types.ts';

/** Relations that `sessions.get` can bring along. */
export type SessionRelation = 'metrics' | 'checkpoints' | 'children';

/** Sessions: creating, finding, and the verbs of their life. Every method throws `ApiError`. */
export function sessionMethods({ http, creating }: Transport) {
  const at = (id: string) => ({ params: { path: { id } } });
  const verb =
    (name: 'start' | 'pause' | 'resume' | 'stop' | 'cancel' | 'restore') =>
    (id: string, options?: ActionOptions): Promise<Session> =>
      answerOf(http.POST(`/api/v1/sessions/{id}/${name}`, { ...at(id), ...acting(options) }));

  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Session>> =>
      answerOf(http.GET('/api/v1/sessions', { params: { query }, ...options })),
    search: (q: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<FoundSession>> =>
      answerOf(http.GET('/api/v1/sessions/search', { params: { query: { ...query, q } }, ...options })),
    create: (session: CreateSession, options?: CreateOptions): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions', { body: session, ...creating(options) })),
    get: (id: string, include: SessionRelation[] = [], options: CallOptions = {}): Promise<SessionDetail> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}', {
          params: { path: { id }, query: include.length === 0 ? {} : { include: include.join(',') } },
          ...options,
        }),
      ),
    /** Changes what is given and nothing else. `version` is the one last read. */
    update: (id: string, version: number, change: UpdateSession, options: CallOptions = {}): Promise<Session> =>
      answerOf(
        http.PATCH('/api/v1/sessions/{id}', {
          params: { path: { id }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    /** Puts it aside (`restore` brings it back), or with `hard` removes it for good. */
    delete: (id: string, version: number, how: { hard?: boolean } = {}, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/sessions/{id}', {
          params: { path: { id }, header: ifMatch(version), query: how },
          ...options,
        }),
      ),
    start: verb('start'),
    pause: verb('pause'),
    resume: verb('resume'),
    stop: verb('stop'),
    cancel: verb('cancel'),
    restore: verb('restore'),
    complete: (id: string, outcome: CompleteSession, options?: ActionOptions): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions/{id}/complete', { ...at(id), body: outcome, ...acting(options) })),
    fail: (id: string, failure: FailSession, options?: ActionOptions): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions/{id}/fail', { ...at(id), body: failure, ...acting(options) })),
    /** The only way out of an end: a new attempt. */
    retry: (id: string, how: NonNullable<RetrySession> = {}, options?: ActionOptions): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions/{id}/retry', { ...at(id), body: how, ...acting(options) })),
    join: (id: string, agent: string, options: CallOptions = {}): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions/{id}/join', { ...at(id), body: { agent }, ...options })),
    leave: (id: string, agent: string, options: CallOptions = {}): Promise<Session> =>
      answerOf(http.POST('/api/v1/sessions/{id}/leave', { ...at(id), body: { agent }, ...options })),
    metrics: (id: string, options: CallOptions = {}): Promise<SessionMetrics> =>
      answerOf(http.GET('/api/v1/sessions/{id}/metrics', { ...at(id), ...options })),
    /** The session and those under it, `maxDepth` levels deep. */
    tree: (id: string, maxDepth?: number, options: CallOptions = {}): Promise<SessionTree> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/tree', {
          params: { path: { id }, query: maxDepth === undefined ? {} : { maxDepth } },
          ...options,
        }),
      ),
    /** The attempts before the current one. */
    attempts: (id: string, options: CallOptions = {}): Promise<Page<Attempt>> =>
      answerOf(http.GET('/api/v1/sessions/{id}/attempts', { ...at(id), ...options })),
    stats: (options: CallOptions = {}): Promise<SessionStats> =>
      answerOf(http.GET('/api/v1/sessions/stats', { ...options })),
    monitor: (options: CallOptions = {}): Promise<SessionMonitor> =>
      answerOf(http.GET('/api/v1/sessions/monitor', { ...options })),
    /** Moves many at once; those that may not go there are named in `skipped`. */
    setStatus: (ids: string[], status: SessionStatus, options: CallOptions = {}): Promise<StatusChanges> =>
      answerOf(http.POST('/api/v1/sessions/status', { body: { ids, status }, ...options })),
    cleanup: (
      what: { olderThanDays?: number; batchSize?: number } = {},
      options: CallOptions = {},
    ): Promise<CleanupResult> => answerOf(http.POST('/api/v1/sessions/cleanup', { body: what, ...options })),
  };
}
