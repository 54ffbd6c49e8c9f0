export {
  type CommitOutcome,
  type CommitRecord,
  type CreateCommit,
  commitOutcomeSchema,
  commitRecordSchema,
  createCommitSchema,
} from './commit-record.ts';
export { COMMIT_FIELDS } from './commit-store.ts';
export { type GithubSettings, githubProvider } from './provider/github-provider.ts';
export type { PullRequestProvider, PullRequestWanted } from './provider/pull-request-provider.ts';
export { type Committer, SourceControl } from './source-control.ts';
export {
  type LogEntry,
  logEntrySchema,
  type Push,
  type PushResult,
  pushResultSchema,
  pushSchema,
  type ReadLog,
  readLogSchema,
  type SourceBranch,
  type SourceStatus,
  sourceBranchSchema,
  sourceStatusSchema,
} from './source-view.ts';
