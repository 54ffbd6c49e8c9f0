export { type CaptureLimits, DEFAULT_CAPTURE_LIMITS } from './capture-limits.ts';
export { type Capture, CaptureRepository } from './capture-repository.ts';
export { explainedPaths } from './explained-paths.ts';
export { type GitCall, git, gitText, OLDEST_GIT, spawnGit } from './git.ts';
export { blobId } from './private-index.ts';
export { diffTrees, type FileChange, fileChangeSchema } from './tree-diff.ts';
export {
  findUserRepository,
  NO_REPOSITORY,
  type RepositoryState,
  readRepositoryState,
  type UserRepository,
} from './user-repository.ts';
