import type { CaptureReason, Workspace, WorkspaceCapture, WorkspaceChange } from '../../workspaces/index.ts';

/** What undo needs of a workspace's chain of captures. */
export interface UndoChain {
  /** Captures the files as they are now; answers the capture and what changed since the one before. */
  step(reason: CaptureReason): Promise<{ capture: WorkspaceCapture; changes: WorkspaceChange[] }>;
  /** Runs `work` while no tool call can begin. @throws WORKSPACE_BUSY where running ones do not end, unless forced */
  exclusively<Result>(work: () => Promise<Result>, options: { waitMs: number; force: boolean }): Promise<Result>;
  /** Captures what an undo has written, as its change. */
  recordUndo(undoId: string, actor: string): Promise<unknown>;
  /** The capture at a position; null where there is none. */
  at(position: number): Promise<WorkspaceCapture | null>;
}

export type UndoChains = (workspace: Workspace) => UndoChain;
