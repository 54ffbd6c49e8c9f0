import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { Sessions } from '../../sessions/index.ts';
import type { Captures, Workspace, WorkspaceChanges, Workspaces } from '../../workspaces/index.ts';
import type { WriteStep } from './files/index.ts';
import type { EntityFiles, PointMoments } from './selection-ports.ts';
import type { UndoChain } from './undo-chain.ts';
import { workspaceUndoChain } from './workspace-undo-chain.ts';

/** What undo stands on. */
export interface UndoParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  /** Name of this node among others. */
  nodeId: string;
  workspaces: Workspaces;
  captures: Captures;
  changes: WorkspaceChanges;
  sessions: Sessions;
  /** Without it no selection can name a rollback point. */
  pointMoments?: PointMoments;
  /** Without it no selection can name entities. */
  entityFiles?: EntityFiles;
  /** How long running tool calls are waited for before WORKSPACE_BUSY. Default 30 s. */
  waitMs?: number;
  /** Called before each step on a file: tests fail or die there. */
  beforeStep?: (step: WriteStep, path: string) => void | Promise<void>;
  onError: (error: unknown) => void;
}

export function chainOf({ captures, changes }: UndoParts, workspace: Workspace): UndoChain {
  return workspaceUndoChain(captures, changes, workspace);
}
