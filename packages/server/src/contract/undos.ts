import {
  createUndoSchema,
  previewUndoSchema,
  UNDO_FIELDS,
  undoPlanSchema,
  undoSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'undos';
const params = z.strictObject({ id: uuidSchema });

export const undoPageSchema = cursorPageOf(undoSchema);
export const redoUndoSchema = createUndoSchema.omit({ selection: true });

export const previewUndo = operation({
  id: 'previewUndo',
  method: 'POST',
  path: '/undos/preview',
  tag,
  summary: 'What an undo would do',
  description:
    'Computes what the undo would, and stops before the write: every path with its outcome and diff, and conflicts with both sides.',
  role: 'viewer',
  body: previewUndoSchema,
  example: { selection: { sessionIds: ['0198b2f0-0000-7000-8000-000000000001'], paths: ['src/**'] } },
  answer: { status: 200, about: 'The plan. Its digest can be given as `expectedPlan`.', schema: undoPlanSchema },
});

export const createUndo = operation({
  id: 'createUndo',
  method: 'POST',
  path: '/undos',
  tag,
  summary: 'Undo changes of a workspace',
  description:
    'Begins the undo and answers at once; read it again until it is completed or failed. Tool calls wait meanwhile, running sessions of the selection are paused.',
  role: 'operator',
  body: createUndoSchema,
  example: { selection: { sessionIds: ['0198b2f0-0000-7000-8000-000000000001'] } },
  answer: { status: 201, about: 'The undo, planned.', schema: undoSchema },
});

export const listUndos = operation({
  id: 'listUndos',
  method: 'GET',
  path: '/undos',
  tag,
  summary: 'Undos of the project',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(UNDO_FIELDS.fields),
  answer: { status: 200, about: 'A page of undos, the latest first.', schema: undoPageSchema },
});

export const getUndo = operation({
  id: 'getUndo',
  method: 'GET',
  path: '/undos/{id}',
  tag,
  summary: 'One undo',
  role: 'viewer',
  params,
  answer: { status: 200, about: 'The undo, with its plan and how it ended.', schema: undoSchema },
});

export const redoUndo = operation({
  id: 'redoUndo',
  method: 'POST',
  path: '/undos/{id}/redo',
  tag,
  summary: 'Take back an undo',
  role: 'operator',
  params,
  body: redoUndoSchema,
  answer: { status: 201, about: 'The undo of the undo, planned.', schema: undoSchema },
});

export const cancelUndo = operation({
  id: 'cancelUndo',
  method: 'POST',
  path: '/undos/{id}/cancel',
  tag,
  summary: 'Cancel an undo that has not begun to write',
  role: 'operator',
  params,
  body: z.strictObject({}).nullish(),
  answer: { status: 200, about: 'The undo, cancelled.', schema: undoSchema },
});
