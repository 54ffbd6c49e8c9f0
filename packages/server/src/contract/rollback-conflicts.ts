import {
  conflictChoicesSchema,
  diffTypeSchema,
  mergeContextSchema,
  mergeResultSchema,
  mergeSettingsSchema,
  resolutionStrategySchema,
  rollbackConflictSchema,
  visualDiffSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';

const tag = 'rollback';
const about = {
  conflict: rollbackConflictSchema,
  /** What is known around it. */
  context: mergeContextSchema.optional(),
  /** How to merge; what is left out is as usual. */
  settings: mergeSettingsSchema.partial().optional(),
};

export const drawConflictSchema = z.strictObject({
  ...about,
  /** How to show it; by default what suits the values. */
  type: diffTypeSchema.optional(),
  /** Hide secrets. */
  masked: z.boolean().default(true),
});

export const drawnConflictSchema = z.object({ diff: visualDiffSchema, choices: conflictChoicesSchema });

export const resolveRollbackConflictSchema = z.strictObject({ ...about, strategy: resolutionStrategySchema });

const example = {
  conflict: {
    path: 'config:app',
    type: 'value_mismatch',
    currentValue: { port: 8080, debug: true },
    rollbackValue: { port: 3000 },
  },
};

export const drawRollbackConflict = operation({
  id: 'drawRollbackConflict',
  method: 'POST',
  path: '/rollback/conflicts/visual-diff',
  tag,
  summary: 'Show the two sides of a conflict beside each other, with the ways out of it',
  description:
    'Keeps and changes nothing. The old side is what the rollback would restore, the new side what is there. Secrets are hidden unless `masked` is false.',
  role: 'viewer',
  body: drawConflictSchema,
  largeBody: true,
  answer: { status: 200, about: 'The difference, and the choices, best first.', schema: drawnConflictSchema },
  example,
});

export const resolveRollbackConflict = operation({
  id: 'resolveRollbackConflict',
  method: 'POST',
  path: '/rollback/conflicts/resolve',
  tag,
  summary: 'Work out what a way of resolving a conflict comes to',
  description:
    'Keeps and changes nothing. What cannot be resolved in this way is answered with `success` false; `ask_user` always is, because a person decides by choosing another one.',
  role: 'viewer',
  body: resolveRollbackConflictSchema,
  largeBody: true,
  answer: { status: 200, about: 'What would stand there, and how sure that is.', schema: mergeResultSchema },
  example: { ...example, strategy: 'merge' },
});
