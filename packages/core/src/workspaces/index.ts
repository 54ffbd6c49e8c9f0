export {
  blobId,
  type Capture,
  type CaptureLimits,
  CaptureRepository,
  DEFAULT_CAPTURE_LIMITS,
  type FileChange,
  fileChangeSchema,
  findUserRepository,
  type GitCall,
  git,
  gitText,
  OLDEST_GIT,
  readRepositoryState,
  spawnGit,
  type UserRepository,
} from './capture/index.ts';
export { Captures } from './captures.ts';
export * from './chain/index.ts';
export * from './history/index.ts';
export { proposedText } from './proposed-text.ts';
export { writtenPaths } from './tool-paths.ts';
export * from './trees/index.ts';
export {
  type CreateWorkspace,
  createWorkspaceSchema,
  type UpdateWorkspace,
  updateWorkspaceSchema,
  type Workspace,
  workspaceSchema,
} from './workspace.ts';
export type { FileContent, FileEntry } from './workspace-files.ts';
export { confine, isInside, realPathOf } from './workspace-path.ts';
export { Workspaces } from './workspaces.ts';
