import { createWorkspaceSchema, updateWorkspaceSchema, uuidSchema, workspaceSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryText } from './query-values.ts';

const tag = 'workspaces';
const params = z.strictObject({ id: uuidSchema });

export const workspacePageSchema = pageOf(workspaceSchema);

export const listWorkspaces = operation({
  id: 'listWorkspaces',
  method: 'GET',
  path: '/workspaces',
  tag,
  summary: 'List workspaces',
  role: 'viewer',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of workspaces.', schema: workspacePageSchema },
});

export const createWorkspace = operation({
  id: 'createWorkspace',
  method: 'POST',
  path: '/workspaces',
  tag,
  summary: 'Make a directory known as a workspace',
  role: 'operator',
  body: createWorkspaceSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The workspace, with the real path of its directory.', schema: workspaceSchema },
  example: { path: '/srv/checkouts/billing', name: 'billing' },
});

export const getWorkspace = operation({
  id: 'getWorkspace',
  method: 'GET',
  path: '/workspaces/{id}',
  tag,
  summary: 'One workspace',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The workspace.', schema: workspaceSchema },
});

export const updateWorkspace = operation({
  id: 'updateWorkspace',
  method: 'PATCH',
  path: '/workspaces/{id}',
  tag,
  summary: 'Change a workspace',
  role: 'operator',
  params,
  body: updateWorkspaceSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The workspace as it is now.', schema: workspaceSchema },
  example: { name: 'billing (main)' },
});

export const deleteWorkspace = operation({
  id: 'deleteWorkspace',
  method: 'DELETE',
  path: '/workspaces/{id}',
  tag,
  summary: 'Forget a workspace',
  description: 'Its files and the history of its sessions stay.',
  role: 'operator',
  params,
  ifMatch: 'required',
  answer: { status: 204, about: 'It is forgotten.' },
});

const pathQuery = z.strictObject({ path: queryText.pipe(z.string().max(4096)).default('') });

const fileEntrySchema = z.object({ name: z.string(), kind: z.enum(['file', 'directory', 'symlink', 'other']) });
export const workspaceFilesSchema = pageOf(fileEntrySchema);
export const listWorkspaceFiles = operation({
  id: 'listWorkspaceFiles',
  method: 'GET',
  path: '/workspaces/{id}/files',
  tag,
  summary: 'Entries of a directory inside the workspace',
  role: 'viewer',
  params,
  query: pathQuery,
  answer: { status: 200, about: 'All entries, by name.', schema: workspaceFilesSchema },
});

export const fileContentSchema = z.object({
  path: z.string(),
  size: z.int(),
  binary: z.boolean(),
  truncated: z.boolean(),
  text: z.string().nullable(),
});
export const readWorkspaceFile = operation({
  id: 'readWorkspaceFile',
  method: 'GET',
  path: '/workspaces/{id}/files/content',
  tag,
  summary: 'Text of a file inside the workspace',
  role: 'viewer',
  params,
  query: pathQuery,
  answer: { status: 200, about: 'The first mebibyte of it; no text for a binary file.', schema: fileContentSchema },
});
