import {
  COMMIT_FIELDS,
  commitOutcomeSchema,
  commitRecordSchema,
  createCommitSchema,
  logEntrySchema,
  pushResultSchema,
  pushSchema,
  sourceBranchSchema,
  sourceStatusSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryInteger, queryText } from './query-values.ts';

const tag = 'source control';
const params = z.strictObject({ id: uuidSchema });

export const commitPageSchema = cursorPageOf(commitRecordSchema);
export const sourceBranchesSchema = z.object({ branches: z.array(sourceBranchSchema) });
export const sourceLogSchema = z.object({ entries: z.array(logEntrySchema) });

export const getSourceStatus = operation({
  id: 'getSourceStatus',
  method: 'GET',
  path: '/workspaces/{id}/source/status',
  tag,
  summary: 'Where the work tree of a workspace stands',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'Its branch, and what is staged, changed and untracked.', schema: sourceStatusSchema },
});

export const listSourceBranches = operation({
  id: 'listSourceBranches',
  method: 'GET',
  path: '/workspaces/{id}/source/branches',
  tag,
  summary: 'Branches of the repository of a workspace, and of its remotes as they were fetched last',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The 1,000 that were committed to last.', schema: sourceBranchesSchema },
});

export const readSourceLog = operation({
  id: 'readSourceLog',
  method: 'GET',
  path: '/workspaces/{id}/source/log',
  tag,
  summary: 'Commits of a branch',
  role: 'viewer',
  params,
  query: z.strictObject({
    branch: queryText.optional().describe('Default: what is checked out.'),
    path: queryText.optional().describe('Only commits that changed something there, relative to the workspace.'),
    limit: queryInteger(1, 1_000).optional(),
    offset: queryInteger(0, 1_000_000).optional(),
  }),
  answer: { status: 200, about: 'The newest first.', schema: sourceLogSchema },
});

export const createCommit = operation({
  id: 'createCommit',
  method: 'POST',
  path: '/workspaces/{id}/source/commits',
  tag,
  summary: 'Commit some paths of a workspace',
  description:
    'As they lie there; what else is staged or changed stays as it is, and hooks do not run. With `createPR`, which needs the role operator, the branch is pushed, never forced, and a pull request opened; where that fails, the commit stays, its status is `pending`, and `escalationRequired` is true. The graph ties the commit to its specification, its tests and what validated it.',
  role: 'agent',
  params,
  body: createCommitSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The commit, and what became of it.', schema: commitOutcomeSchema },
  example: {
    title: 'Round the tax',
    description: 'Customers compare.',
    changes: ['src/tax.ts'],
    branchName: 'fix/tax',
  },
});

export const pushBranch = operation({
  id: 'pushBranch',
  method: 'POST',
  path: '/workspaces/{id}/source/push',
  tag,
  summary: 'Push a branch',
  description:
    'Where the remote has commits that the branch lacks it is refused; with `force` they are given up, but only those that were fetched before.',
  role: 'operator',
  params,
  body: pushSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'What the remote has now.', schema: pushResultSchema },
  example: { branch: 'fix/tax' },
});

export const listCommits = operation({
  id: 'listCommits',
  method: 'GET',
  path: '/source/commits',
  tag,
  summary: 'Commits that were made through Signalbox',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(COMMIT_FIELDS.fields),
  answer: { status: 200, about: 'A page of commits, the latest first.', schema: commitPageSchema },
});

export const getCommit = operation({
  id: 'getCommit',
  method: 'GET',
  path: '/source/commits/{id}',
  tag,
  summary: 'One commit that was made through Signalbox',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The commit, and what became of it.', schema: commitOutcomeSchema },
});

export const publishCommit = operation({
  id: 'publishCommit',
  method: 'POST',
  path: '/source/commits/{id}/publish',
  tag,
  summary: 'Open the pull request of a commit that has none yet',
  description: 'The branch is pushed, never forced. Where there is one already, that is answered.',
  role: 'operator',
  params,
  body: z.strictObject({}).nullish(),
  answer: { status: 200, about: 'The commit, and what became of it.', schema: commitOutcomeSchema },
});
