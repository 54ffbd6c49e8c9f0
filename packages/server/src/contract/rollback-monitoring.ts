import {
  ALERT_FIELDS,
  monitoringExportSchema,
  monitoringSummarySchema,
  monitoringTrendsSchema,
  rollbackAlertSchema,
  rollbackSampleSchema,
  SAMPLE_FIELDS,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryInteger } from './query-values.ts';

const tag = 'rollback';
const base = '/rollback/monitoring';

export const rollbackSamplePageSchema = cursorPageOf(rollbackSampleSchema);
export const rollbackAlertPageSchema = cursorPageOf(rollbackAlertSchema);

export const getRollbackMonitoring = operation({
  id: 'getRollbackMonitoring',
  method: 'GET',
  path: base,
  tag,
  summary: 'How rollbacks stand',
  role: 'viewer',
  answer: {
    status: 200,
    about: 'Totals, the samples of the last hour and the health.',
    schema: monitoringSummarySchema,
  },
});

export const listRollbackSamples = operation({
  id: 'listRollbackSamples',
  method: 'GET',
  path: `${base}/samples`,
  tag,
  summary: 'Figures of rollbacks as they were sampled',
  description: 'Kept for a day. A range is `timestamp.gte` and `timestamp.lte`, both inclusive.',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(SAMPLE_FIELDS.fields),
  answer: { status: 200, about: 'A page of samples, the latest first.', schema: rollbackSamplePageSchema },
});

export const getRollbackTrends = operation({
  id: 'getRollbackTrends',
  method: 'GET',
  path: `${base}/trends`,
  tag,
  summary: 'How figures of rollbacks developed',
  role: 'viewer',
  query: z.strictObject({ hours: queryInteger(1, 168).optional() }),
  answer: {
    status: 200,
    about: 'Series over the last hours, 24 by default; oldest first.',
    schema: monitoringTrendsSchema,
  },
});

export const listRollbackAlerts = operation({
  id: 'listRollbackAlerts',
  method: 'GET',
  path: `${base}/alerts`,
  tag,
  summary: 'Alerts about rollbacks',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(ALERT_FIELDS.fields),
  answer: { status: 200, about: 'A page of alerts, the last seen first.', schema: rollbackAlertPageSchema },
});

export const resolveRollbackAlert = operation({
  id: 'resolveRollbackAlert',
  method: 'POST',
  path: `${base}/alerts/{id}/resolve`,
  tag,
  summary: 'Say that an alert is dealt with',
  description: 'What is still so is alerted about anew.',
  role: 'operator',
  params: z.strictObject({ id: uuidSchema }),
  body: z.strictObject({}).nullish(),
  answer: { status: 200, about: 'The alert, with the first who said so.', schema: rollbackAlertSchema },
});

export const exportRollbackMonitoring = operation({
  id: 'exportRollbackMonitoring',
  method: 'GET',
  path: `${base}/export`,
  tag,
  summary: 'Figures of rollbacks for other programs',
  description: '`format=prometheus` answers in the text format of Prometheus.',
  role: 'viewer',
  query: z.strictObject({ format: z.enum(['json', 'prometheus']).optional() }),
  answer: {
    status: 200,
    about: 'The summary, the last ten samples and the open alerts.',
    schema: monitoringExportSchema,
    alsoText: 'text/plain',
  },
});
