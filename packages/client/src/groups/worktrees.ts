import { type ActionOptions, acting, answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { Leftovers, ListQuery, Page, WorkTree, WorkTreePreview } from '../types.ts';

/** The work trees of sessions that work apart. */
export function workTreeMethods({ http }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<WorkTree>> =>
      answerOf(http.GET('/api/v1/worktrees', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<WorkTree> =>
      answerOf(http.GET('/api/v1/worktrees/{id}', { ...ofId(id), ...options })),
    /** What a merge would do; nothing is written. */
    preview: (id: string, options: CallOptions = {}): Promise<WorkTreePreview> =>
      answerOf(http.GET('/api/v1/worktrees/{id}/preview', { ...ofId(id), ...options })),
    /** Brings the work into the branch that is checked out in the session's workspace, and removes the tree. */
    merge: (id: string, options?: ActionOptions): Promise<WorkTree> =>
      answerOf(http.POST('/api/v1/worktrees/{id}/merge', { ...ofId(id), ...acting(options) })),
    /** Removes the tree and its branch with all that is in them. */
    discard: (id: string, options?: ActionOptions): Promise<WorkTree> =>
      answerOf(http.POST('/api/v1/worktrees/{id}/discard', { ...ofId(id), ...acting(options) })),
    /** What is left on the node that answers, of sessions and workspaces that are over or gone; for admins. */
    leftovers: (options: CallOptions = {}): Promise<Leftovers> =>
      answerOf(http.GET('/api/v1/system/leftovers', { ...options })),
  };
}
