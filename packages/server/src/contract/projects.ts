import { createProjectSchema, projectSchema, updateProjectSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryText } from './query-values.ts';

const tag = 'projects';
const params = z.strictObject({ slugOrId: queryText.pipe(z.string().min(1).max(63)) });

export const projectPageSchema = pageOf(projectSchema);

export const listProjects = operation({
  id: 'listProjects',
  method: 'GET',
  path: '/projects',
  tag,
  summary: 'List projects',
  description: 'A key sees its own project only.',
  role: 'viewer',
  query: pageQuerySchema,
  answer: { status: 200, about: 'A page of projects, by slug.', schema: projectPageSchema },
});

export const createProject = operation({
  id: 'createProject',
  method: 'POST',
  path: '/projects',
  tag,
  summary: 'Create a project',
  description: 'Open to those who are bound to no project: open mode, and tokens with `project: "*"`.',
  role: 'admin',
  body: createProjectSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The project.', schema: projectSchema },
  example: { slug: 'billing', name: 'Billing' },
});

export const getProject = operation({
  id: 'getProject',
  method: 'GET',
  path: '/projects/{slugOrId}',
  tag,
  summary: 'One project',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The project.', schema: projectSchema },
});

export const updateProject = operation({
  id: 'updateProject',
  method: 'PATCH',
  path: '/projects/{slugOrId}',
  tag,
  summary: 'Change a project',
  role: 'admin',
  params,
  body: updateProjectSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The project as it is now.', schema: projectSchema },
  example: { name: 'Billing and invoices' },
});
