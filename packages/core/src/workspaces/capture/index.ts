export { type Capture, CaptureRepository } from './capture-repository.ts';
export { gitText, OLDEST_GIT } from './git.ts';
export { type FileChange, fileChangeSchema } from './tree-diff.ts';
