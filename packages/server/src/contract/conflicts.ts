import { CONFLICT_FIELDS, conflictSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { sessionParams } from './sessions.ts';

const tag = 'conflicts';
const params = z.strictObject({ id: uuidSchema });
const list = {
  method: 'GET',
  tag,
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(CONFLICT_FIELDS.fields),
} as const;

export const conflictPageSchema = cursorPageOf(conflictSchema);

export const listConflicts = operation({
  id: 'listConflicts',
  path: '/conflicts',
  summary: 'Sessions that got into each other’s way',
  ...list,
  answer: { status: 200, about: 'A page of conflicts, the last seen first.', schema: conflictPageSchema },
});

export const listSessionConflicts = operation({
  id: 'listSessionConflicts',
  path: '/sessions/{id}/conflicts',
  summary: 'Whom a session got into the way of',
  ...list,
  params: sessionParams,
  answer: { status: 200, about: 'A page of conflicts, the last seen first.', schema: conflictPageSchema },
});

export const getConflict = operation({
  id: 'getConflict',
  method: 'GET',
  path: '/conflicts/{id}',
  tag,
  summary: 'One conflict',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The conflict.', schema: conflictSchema },
});

export const acknowledgeConflict = operation({
  id: 'acknowledgeConflict',
  method: 'POST',
  path: '/conflicts/{id}/acknowledge',
  tag,
  summary: 'Say that a conflict has been seen',
  role: 'agent',
  params,
  body: z.strictObject({}).nullish(),
  answer: { status: 200, about: 'The conflict, with the first who said so.', schema: conflictSchema },
});
