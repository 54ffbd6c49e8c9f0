import { uuidSchema, WORK_TREE_FIELDS, workTreePreviewSchema, workTreeSchema } from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'worktrees';
const params = z.strictObject({ id: uuidSchema });
const nothing = z.strictObject({}).nullish();

export const workTreePageSchema = cursorPageOf(workTreeSchema);
export const leftoversSchema = z.object({
  /** Work trees of the project on this node whose session is over or gone. */
  workTrees: z.array(workTreeSchema),
  /** Directories among the work trees, and capture stores, that belong to nothing any more. */
  strayWorkTrees: z.array(z.string()),
  strayCaptureStores: z.array(z.string()),
});

export const listWorkTrees = operation({
  id: 'listWorkTrees',
  method: 'GET',
  path: '/worktrees',
  tag,
  summary: 'Work trees of sessions that work apart',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(WORK_TREE_FIELDS.fields),
  answer: { status: 200, about: 'A page of work trees, the latest first.', schema: workTreePageSchema },
});

export const getWorkTree = operation({
  id: 'getWorkTree',
  method: 'GET',
  path: '/worktrees/{id}',
  tag,
  summary: 'One work tree',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The work tree.', schema: workTreeSchema },
});

export const previewWorkTree = operation({
  id: 'previewWorkTree',
  method: 'GET',
  path: '/worktrees/{id}/preview',
  tag,
  summary: 'What a merge of a work tree would do',
  description: 'Computed without writing anything; asked of the node on which the tree lies.',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'Files, conflicts, and what is in the way.', schema: workTreePreviewSchema },
});

export const mergeWorkTree = operation({
  id: 'mergeWorkTree',
  method: 'POST',
  path: '/worktrees/{id}/merge',
  tag,
  summary: 'Merge the work of a session into the branch that is checked out in its workspace',
  description:
    'What the session left uncommitted is committed to its branch first. Refused, with nothing written, where it conflicts or changes of the user are in the way; what is staged or changed elsewhere stays so. Then the tree and its branch are removed.',
  role: 'operator',
  params,
  body: nothing,
  ifMatch: 'optional',
  answer: { status: 200, about: 'The work tree, merged.', schema: workTreeSchema },
});

export const discardWorkTree = operation({
  id: 'discardWorkTree',
  method: 'POST',
  path: '/worktrees/{id}/discard',
  tag,
  summary: 'Remove a work tree and its branch with all that is in them',
  role: 'operator',
  params,
  body: nothing,
  ifMatch: 'optional',
  answer: { status: 200, about: 'The work tree, discarded.', schema: workTreeSchema },
});

export const getLeftovers = operation({
  id: 'getLeftovers',
  method: 'GET',
  path: '/system/leftovers',
  tag: 'system',
  summary: 'What is left on this node of sessions and workspaces that are over or gone',
  role: 'admin',
  answer: { status: 200, about: 'Work trees, and paths that belong to nothing.', schema: leftoversSchema },
});
