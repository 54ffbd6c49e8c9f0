import { runtimeNameSchema, SERVER_ROLES } from '@signalbox/core';
import { z } from 'zod';
import { pageOf } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'system';

export const runtimeReportSchema = z.object({
  name: runtimeNameSchema,
  available: z.boolean(),
  version: z.string().nullable(),
  /** Where it was found. */
  detail: z.string().nullable(),
  /** Why it cannot run here, and what to do about it. */
  reason: z.string().nullable(),
  advice: z.string().nullable(),
});
export const runtimePageSchema = pageOf(runtimeReportSchema);
export const listRuntimes = operation({
  id: 'listRuntimes',
  method: 'GET',
  path: '/runtimes',
  tag,
  summary: 'What can run sessions on this node',
  role: 'viewer',
  scope: 'node',
  answer: { status: 200, about: 'The runtimes, available or not.', schema: runtimePageSchema },
});

export const systemSchema = z.object({
  version: z.string(),
  nodeId: z.string(),
  roles: z.array(z.enum(SERVER_ROLES)),
  database: z.object({
    kind: z.enum(['server', 'embedded', 'pglite']),
    version: z.string().nullable(),
    available: z.boolean(),
    latencyMs: z.number().nullable(),
  }),
  auth: z.enum(['open', 'required']),
  startedAt: z.iso.datetime(),
  dataDir: z.string(),
  /** What a person should know about how this node runs. */
  notices: z.array(z.string()),
});
export const exportDatabase = operation({
  id: 'exportDatabase',
  method: 'POST',
  path: '/system/export',
  tag,
  summary: 'All data of the database as one archive',
  description:
    'As of one moment, of all projects, in the form that `signalbox import` takes. A key bound to one project may have it where there is no other. One at a time. On PGlite, which has one connection, everybody else waits while the archive is made.',
  role: 'admin',
  answer: { status: 200, about: 'The archive.', mediaType: 'application/gzip' },
});

export const getSystem = operation({
  id: 'getSystem',
  method: 'GET',
  path: '/system',
  tag,
  summary: 'This node',
  role: 'viewer',
  scope: 'node',
  answer: { status: 200, about: 'How it runs.', schema: systemSchema },
});
