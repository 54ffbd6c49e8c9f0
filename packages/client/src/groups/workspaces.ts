import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  CreateWorkspace,
  FileContent,
  ListQuery,
  Page,
  UpdateWorkspace,
  Workspace,
  WorkspaceFiles,
} from '../types.ts';

/** Directories in which agents change files. */
export function workspaceMethods({ http, creating }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Workspace>> =>
      answerOf(http.GET('/api/v1/workspaces', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Workspace> =>
      answerOf(http.GET('/api/v1/workspaces/{id}', { params: { path: { id } }, ...options })),
    create: (workspace: CreateWorkspace, options?: CreateOptions): Promise<Workspace> =>
      answerOf(http.POST('/api/v1/workspaces', { body: workspace, ...creating(options) })),
    update: (id: string, version: number, change: UpdateWorkspace, options: CallOptions = {}): Promise<Workspace> =>
      answerOf(
        http.PATCH('/api/v1/workspaces/{id}', {
          params: { path: { id }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    delete: (id: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/workspaces/{id}', { params: { path: { id }, header: ifMatch(version) }, ...options }),
      ),
    /** Entries of a directory inside it; `''` is its root. */
    files: (id: string, path: string, options: CallOptions = {}): Promise<WorkspaceFiles> =>
      answerOf(http.GET('/api/v1/workspaces/{id}/files', { params: { path: { id }, query: { path } }, ...options })),
    readFile: (id: string, path: string, options: CallOptions = {}): Promise<FileContent> =>
      answerOf(
        http.GET('/api/v1/workspaces/{id}/files/content', { params: { path: { id }, query: { path } }, ...options }),
      ),
  };
}
