import {
  blameSchema,
  CAPTURE_FIELDS,
  captureStorageSchema,
  sessionDiffSchema,
  uuidSchema,
  WORKSPACE_CHANGE_FIELDS,
  workspaceCaptureSchema,
  workspaceChangeSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryBoolean, queryText } from './query-values.ts';
import { sessionParams } from './sessions.ts';

const tag = 'changes';
const params = z.strictObject({ id: uuidSchema });
const pathText = queryText.pipe(z.string().min(1).max(4096));
const list = { method: 'GET', tag, role: 'viewer', query: listQuerySchema } as const;
const changes = { ...list, filters: Object.keys(WORKSPACE_CHANGE_FIELDS.fields) } as const;

export const workspaceChangePageSchema = cursorPageOf(workspaceChangeSchema);
export const workspaceCapturePageSchema = cursorPageOf(workspaceCaptureSchema);

export const listSessionChanges = operation({
  id: 'listSessionChanges',
  path: '/sessions/{id}/changes',
  summary: 'What a session changed in its workspace',
  ...changes,
  params: sessionParams,
  answer: { status: 200, about: 'A page of changes, in their order.', schema: workspaceChangePageSchema },
});

export const getSessionDiff = operation({
  id: 'getSessionDiff',
  method: 'GET',
  path: '/sessions/{id}/diff',
  tag,
  summary: 'What a session changed, as unified diffs',
  description: 'For each file what all of its changes come to, without what others did to it; or change by change.',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({ each: queryBoolean.optional(), path: pathText.optional() }),
  answer: { status: 200, about: 'Its files, with a diff each.', schema: sessionDiffSchema },
});

export const listWorkspaceChanges = operation({
  id: 'listWorkspaceChanges',
  path: '/workspaces/{id}/changes',
  summary: 'What changed in a workspace, by whose hand',
  ...changes,
  params,
  answer: { status: 200, about: 'A page of changes, in their order.', schema: workspaceChangePageSchema },
});

export const listWorkspaceCaptures = operation({
  id: 'listWorkspaceCaptures',
  path: '/workspaces/{id}/captures',
  summary: 'Captures of the files of a workspace',
  ...list,
  filters: Object.keys(CAPTURE_FIELDS.fields),
  params,
  answer: { status: 200, about: 'A page of captures, newest first.', schema: workspaceCapturePageSchema },
});

export const getWorkspaceBlame = operation({
  id: 'getWorkspaceBlame',
  method: 'GET',
  path: '/workspaces/{id}/blame',
  tag,
  summary: 'By whose hand each line of a file came',
  role: 'viewer',
  params,
  query: z.strictObject({ path: pathText }),
  answer: { status: 200, about: 'The lines of the file as it is now.', schema: blameSchema },
});

export const getWorkspaceStorage = operation({
  id: 'getWorkspaceStorage',
  method: 'GET',
  path: '/workspaces/{id}/storage',
  tag,
  summary: 'What the captures of a workspace take',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'Bytes on the node that answers, and captures.', schema: captureStorageSchema },
});
