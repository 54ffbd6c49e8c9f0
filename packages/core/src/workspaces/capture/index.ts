export { type Capture, CaptureRepository } from './capture-repository.ts';
export { type GitCall, git, gitText, OLDEST_GIT, spawnGit } from './git.ts';
export { type FileChange, fileChangeSchema } from './tree-diff.ts';
