import { answerOf, type CallOptions, type CreateOptions, succeeded, type Transport } from '../transport/transport.ts';
import type { CreateWorkspace, ListQuery, Page, UpdateWorkspace, Workspace } from '../types.ts';

/** Directories in which agents change files. */
export function workspaceMethods({ http, creating, changing }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Workspace>> =>
      answerOf(http.GET('/api/v1/workspaces', { params: { query: query as never }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Workspace> =>
      answerOf(http.GET('/api/v1/workspaces/{id}', { params: { path: { id } }, ...options })),
    create: (workspace: CreateWorkspace, options?: CreateOptions): Promise<Workspace> =>
      answerOf(http.POST('/api/v1/workspaces', { body: workspace, ...creating(options) })),
    update: (id: string, version: number, change: UpdateWorkspace, options?: CallOptions): Promise<Workspace> =>
      answerOf(
        http.PATCH('/api/v1/workspaces/{id}', {
          params: { path: { id } },
          body: change,
          ...changing(version, options),
        }),
      ),
    delete: (id: string, version: number, options?: CallOptions): Promise<void> =>
      succeeded(http.DELETE('/api/v1/workspaces/{id}', { params: { path: { id } }, ...changing(version, options) })),
  };
}
