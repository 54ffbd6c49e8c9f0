import { answerOf, type CallOptions, type CreateOptions, type Transport } from '../transport/transport.ts';
import type {
  CommitOutcome,
  CommitRecord,
  CreateCommit,
  ListQuery,
  Page,
  Push,
  PushResult,
  SourceBranches,
  SourceLog,
  SourceStatus,
} from '../types.ts';

export interface LogQuery {
  /** Default: what is checked out. */
  branch?: string;
  /** Only commits that changed something there, relative to the workspace. */
  path?: string;
  limit?: number;
  offset?: number;
}

/** Version control of workspaces. */
export function sourceMethods({ http, creating }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  return {
    status: (workspaceId: string, options: CallOptions = {}): Promise<SourceStatus> =>
      answerOf(http.GET('/api/v1/workspaces/{id}/source/status', { ...ofId(workspaceId), ...options })),
    branches: (workspaceId: string, options: CallOptions = {}): Promise<SourceBranches> =>
      answerOf(http.GET('/api/v1/workspaces/{id}/source/branches', { ...ofId(workspaceId), ...options })),
    log: (workspaceId: string, query: LogQuery = {}, options: CallOptions = {}): Promise<SourceLog> =>
      answerOf(
        http.GET('/api/v1/workspaces/{id}/source/log', { params: { path: { id: workspaceId }, query }, ...options }),
      ),
    /** Commits the named paths as they lie there, and nothing else that is staged. */
    commit: (workspaceId: string, commit: CreateCommit, options?: CreateOptions): Promise<CommitOutcome> =>
      answerOf(
        http.POST('/api/v1/workspaces/{id}/source/commits', {
          ...ofId(workspaceId),
          body: commit,
          ...creating(options),
        }),
      ),
    push: (workspaceId: string, push: Push = {}, options?: CreateOptions): Promise<PushResult> =>
      answerOf(
        http.POST('/api/v1/workspaces/{id}/source/push', { ...ofId(workspaceId), body: push, ...creating(options) }),
      ),
    /** Commits that were made through Signalbox. */
    commits: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<CommitRecord>> =>
      answerOf(http.GET('/api/v1/source/commits', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<CommitOutcome> =>
      answerOf(http.GET('/api/v1/source/commits/{id}', { ...ofId(id), ...options })),
    /** Opens the pull request of a commit that has none yet. */
    publish: (id: string, options?: CreateOptions): Promise<CommitOutcome> =>
      answerOf(http.POST('/api/v1/source/commits/{id}/publish', { ...ofId(id), ...creating(options) })),
  };
}
