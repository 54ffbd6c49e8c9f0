import { etaAccuracySchema, taskEtaSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { pageOf } from './lists.ts';
import { operation } from './operation.ts';

const tag = 'tasks';

export const getTaskEta = operation({
  id: 'getTaskEta',
  method: 'GET',
  path: '/tasks/{id}/eta',
  tag,
  summary: 'When a task will be done',
  description:
    'From the measured durations of its type, the tasks before it, how many are worked on at the same time, and the limits of its queue. `errorSeconds` is one standard deviation. `eta` is null, with the reason, where too little was measured.',
  role: 'viewer',
  params: z.strictObject({ id: uuidSchema }),
  answer: { status: 200, about: 'When it will start and end, or why that cannot be said.', schema: taskEtaSchema },
});

export const etaAccuracyPageSchema = pageOf(etaAccuracySchema);

export const listEtaAccuracy = operation({
  id: 'listEtaAccuracy',
  method: 'GET',
  path: '/tasks/eta-accuracy',
  tag,
  summary: 'How good the foretelling of tasks was',
  description: 'What was first said of each task that somebody asked about, against what happened.',
  role: 'viewer',
  answer: { status: 200, about: 'All types, by name.', schema: etaAccuracyPageSchema },
});
