import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type {
  Blame,
  CaptureStorage,
  ListQuery,
  Page,
  SessionDiff,
  WorkspaceCapture,
  WorkspaceChange,
} from '../types.ts';

/** What changed in workspaces, by whose hand. */
export function changeMethods({ http }: Transport) {
  const ofId = (id: string, query: ListQuery) => ({ params: { path: { id }, query } });
  return {
    ofSession: (sessionId: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<WorkspaceChange>> =>
      answerOf(http.GET('/api/v1/sessions/{id}/changes', { ...ofId(sessionId, query), ...options })),
    ofWorkspace: (id: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<WorkspaceChange>> =>
      answerOf(http.GET('/api/v1/workspaces/{id}/changes', { ...ofId(id, query), ...options })),
    captures: (id: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<WorkspaceCapture>> =>
      answerOf(http.GET('/api/v1/workspaces/{id}/captures', { ...ofId(id, query), ...options })),
    /** What captures take on the node that answers. */
    storage: (id: string, options: CallOptions = {}): Promise<CaptureStorage> =>
      answerOf(http.GET('/api/v1/workspaces/{id}/storage', { params: { path: { id } }, ...options })),
    /** For each file what all changes come to; `each`: change by change. */
    diff: (
      sessionId: string,
      query: { each?: boolean; path?: string } = {},
      options: CallOptions = {},
    ): Promise<SessionDiff> =>
      answerOf(http.GET('/api/v1/sessions/{id}/diff', { params: { path: { id: sessionId }, query }, ...options })),
    /** By whose hand each line of a file came; the path is relative to the workspace. */
    blame: (id: string, path: string, options: CallOptions = {}): Promise<Blame> =>
      answerOf(http.GET('/api/v1/workspaces/{id}/blame', { params: { path: { id }, query: { path } }, ...options })),
  };
}
