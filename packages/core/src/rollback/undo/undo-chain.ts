import type { ChainStep, WorkspaceCapture } from '../../workspaces/index.ts';

/** What undo needs of a workspace's chain of captures. */
export interface UndoChain {
  /** Captures the files as they are now, and leaves a capture behind where something changed. */
  look(): Promise<WorkspaceCapture>;
  /** Runs `work` while no tool call begins and no step but its own is made. @throws WORKSPACE_BUSY */
  exclusively<Result>(work: () => Promise<Result>, options: { waitMs: number; force: boolean }): Promise<Result>;
  /** Captures what an undo has written, as its change. */
  recordUndo(undoId: string, actor: string, paths: readonly string[]): Promise<ChainStep>;
  /** The capture at a position; null where there is none. */
  at(position: number): Promise<WorkspaceCapture | null>;
}
