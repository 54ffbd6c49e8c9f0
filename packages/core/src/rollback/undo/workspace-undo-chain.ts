import type { Captures, Workspace, WorkspaceChanges } from '../../workspaces/index.ts';
import type { UndoChain } from './undo-chain.ts';

/** The chain of a workspace's captures, as undo sees it. */
export function workspaceUndoChain(captures: Captures, changes: WorkspaceChanges, workspace: Workspace): UndoChain {
  const chain = captures.chain(workspace);
  return {
    look: async () => (await chain.step('look')).capture,
    exclusively: (work, options) => chain.exclusively(work, options),
    recordUndo: (undoId, actor, paths) => chain.recordUndo(undoId, actor, paths),
    async at(position) {
      const filters = [{ field: 'position', operator: 'eq' as const, value: position }];
      const { items } = await changes.captures(workspace.projectId, workspace.id, { filters, pageSize: 1 });
      return items[0] ?? null;
    },
  };
}
