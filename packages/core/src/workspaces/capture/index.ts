export { type CaptureLimits, DEFAULT_CAPTURE_LIMITS } from './capture-limits.ts';
export { type Capture, CaptureRepository } from './capture-repository.ts';
export { explainedPaths } from './explained-paths.ts';
export { type GitCall, git, gitText, OLDEST_GIT, spawnGit } from './git.ts';
export { blobId } from './private-index.ts';
export { type FileChange, fileChangeSchema } from './tree-diff.ts';
export { NO_REPOSITORY, type RepositoryState } from './user-repository.ts';
