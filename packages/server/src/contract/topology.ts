import {
  changeReachSchema,
  codeRuleSchema,
  conflictReachSchema,
  createServiceSchema,
  criticalitySchema,
  cycleAlertSchema,
  cycleAlertStatusSchema,
  dependencySchema,
  detectedSchema,
  importDocumentSchema,
  ingestedMapSchema,
  mapStatementSchema,
  mapTraversalSchema,
  measureReachSchema,
  resolveCycleSchema,
  serviceMapSchema,
  serviceSchema,
  traceExportSchema,
  traverseMapSchema,
  updateServiceSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryBoolean, queryList, queryNumber, queryText } from './query-values.ts';
import { sessionParams } from './sessions.ts';

const tag = 'topology';
const serviceParams = z.strictObject({ service: z.string().min(1).max(200).describe('Key or id of the service.') });
const idParams = z.strictObject({ id: uuidSchema });
const keyText = queryText.pipe(z.string().min(1).max(200));

export const servicePageSchema = pageOf(serviceSchema);
export const dependencyPageSchema = pageOf(dependencySchema);
export const cycleAlertPageSchema = pageOf(cycleAlertSchema);
export const codeRulePageSchema = pageOf(codeRuleSchema);
export const conflictReachesSchema = z.object({ items: z.array(conflictReachSchema) });
export const markStaleSchema = z.strictObject({
  before: z.iso.datetime({ offset: true }),
  /** Only what these know of. */
  discoverySources: z.array(z.string().min(1).max(63)).min(1).max(100).optional(),
});
export const markedStaleSchema = z.object({ marked: z.int() });

const taken = { status: 200, about: 'What that changed.', schema: ingestedMapSchema } as const;

export const ingestTopology = operation({
  id: 'ingestTopology',
  method: 'POST',
  path: '/topology/ingest',
  tag,
  summary: 'Say which services there are, and what they depend on',
  description:
    'All of it is taken, or nothing; saying the same again changes nothing. A service that is only named by a dependency is made, and marked as discovered. Of a dependency the newest observation of each source counts.',
  role: 'operator',
  body: mapStatementSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: taken,
  example: {
    discoverySource: 'manual',
    services: [{ key: 'checkout', criticality: 'critical', team: 'shop' }],
    dependencies: [{ source: 'checkout', target: 'billing', mode: 'sync', protocol: 'http' }],
    codeRules: [{ kind: 'path', service: 'billing', pattern: 'services/billing/**' }],
  },
});

export const importTopology = operation({
  id: 'importTopology',
  method: 'POST',
  path: '/topology/import',
  tag,
  summary: 'Take services from a Compose file, a Backstage catalog or Kubernetes manifests',
  role: 'operator',
  body: importDocumentSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: taken,
  example: { format: 'compose', text: 'services: { web: { depends_on: [cart] }, cart: {} }' },
});

export const ingestTraces = operation({
  id: 'ingestTraces',
  method: 'POST',
  path: '/topology/otlp/v1/traces',
  tag,
  summary: 'Take dependencies from traces',
  description:
    'An export request of OTLP over HTTP in JSON: exporters take `/api/v1/topology/otlp` as their endpoint, with the protocol `http/json`. It adds services and dependencies, and says nothing of how critical a service is.',
  role: 'agent',
  body: traceExportSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: taken,
});

export const getServiceMap = operation({
  id: 'getServiceMap',
  method: 'GET',
  path: '/topology/map',
  tag,
  summary: 'The whole service map',
  role: 'viewer',
  query: z.strictObject({
    environment: queryText
      .pipe(z.string().min(1).max(100))
      .optional()
      .describe('Only what holds in it, or in every environment.'),
    includeStale: queryBoolean.optional(),
    minConfidence: queryNumber(0, 1).optional(),
  }),
  answer: { status: 200, about: 'Services and what leads to what.', schema: serviceMapSchema },
});

export const traverseTopology = operation({
  id: 'traverseTopology',
  method: 'POST',
  path: '/topology/traverse',
  tag,
  summary: 'What a service depends on, and what depends on it',
  description: 'Breadth first, each service once; the start is not among them. Edges that close a cycle are included.',
  role: 'viewer',
  body: traverseMapSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The services, the nearest first.', schema: mapTraversalSchema },
  example: { service: 'billing', direction: 'upstream', maxDepth: 3 },
});

export const measureReach = operation({
  id: 'measureReach',
  method: 'POST',
  path: '/topology/reach',
  tag,
  summary: 'What a change of files can break',
  description:
    'The services whose code the files are, those whose code uses what they declare, and those that depend on these: through code and from service to service over at most 5 steps each, fresh and of a confidence of 0.5 or more. The level is the highest criticality among them; without any, how risky it is by how much of the code depends on it. What uses code is looked for in the workspace that is named.',
  role: 'viewer',
  body: measureReachSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The reach, with its reasons.', schema: changeReachSchema },
  example: { paths: ['services/billing/src/total.ts'] },
});

export const getSessionReach = operation({
  id: 'getSessionReach',
  method: 'GET',
  path: '/sessions/{id}/reach',
  tag,
  summary: 'What the changes of a session can break',
  role: 'viewer',
  params: sessionParams,
  answer: { status: 200, about: 'The reach of all files that it changed.', schema: changeReachSchema },
});

export const getApprovalReach = operation({
  id: 'getApprovalReach',
  method: 'GET',
  path: '/approvals/{id}/reach',
  tag,
  summary: 'What the call can break that an approval is about',
  role: 'viewer',
  params: idParams,
  answer: {
    status: 200,
    about:
      'Of what the call proposes for the files that it names, and of what shells of its session left since somebody was asked last.',
    schema: changeReachSchema,
  },
});

export const listConflictReaches = operation({
  id: 'listConflictReaches',
  method: 'GET',
  path: '/conflicts/reach',
  tag,
  summary: 'What can break where sessions got into each other’s way',
  role: 'viewer',
  query: z.strictObject({ ids: queryList(uuidSchema).describe('Of which conflicts.') }),
  answer: {
    status: 200,
    about: 'How far the path reaches that two sessions work on, for each of these conflicts that there is.',
    schema: conflictReachesSchema,
  },
});

export const listServices = operation({
  id: 'listServices',
  method: 'GET',
  path: '/topology/services',
  tag,
  summary: 'List services',
  role: 'viewer',
  query: pageQuerySchema.extend({
    team: queryText.pipe(z.string().min(1).max(200)).optional(),
    criticality: criticalitySchema.optional(),
    discovered: queryBoolean.optional().describe('Those that are known only by name.'),
  }),
  answer: { status: 200, about: 'A page of services, the newest first.', schema: servicePageSchema },
});

export const createService = operation({
  id: 'createService',
  method: 'POST',
  path: '/topology/services',
  tag,
  summary: 'Make a service',
  role: 'operator',
  body: createServiceSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The service.', schema: serviceSchema },
  example: { key: 'billing', criticality: 'high', team: 'money' },
});

export const getService = operation({
  id: 'getService',
  method: 'GET',
  path: '/topology/services/{service}',
  tag,
  summary: 'One service',
  role: 'viewer',
  params: serviceParams,
  answer: { status: 200, about: 'The service.', schema: serviceSchema },
});

export const updateService = operation({
  id: 'updateService',
  method: 'PATCH',
  path: '/topology/services/{service}',
  tag,
  summary: 'Say what a service is',
  role: 'operator',
  params: serviceParams,
  body: updateServiceSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The service as it is now.', schema: serviceSchema },
  example: { criticality: 'critical' },
});

export const deleteService = operation({
  id: 'deleteService',
  method: 'DELETE',
  path: '/topology/services/{service}',
  tag,
  summary: 'Take a service off the map',
  description: 'Its dependencies go with it. It comes back when a source names it again.',
  role: 'operator',
  params: serviceParams,
  ifMatch: 'required',
  answer: { status: 204, about: 'It is removed.' },
});

export const listServiceDependencies = operation({
  id: 'listServiceDependencies',
  method: 'GET',
  path: '/topology/dependencies',
  tag,
  summary: 'List dependencies, a row for each source that knows of one',
  role: 'viewer',
  query: pageQuerySchema.extend({
    source: keyText.optional().describe('Key or id of the service that depends on others.'),
    target: keyText.optional(),
    discoverySource: queryText.pipe(z.string().min(1).max(63)).optional(),
    stale: queryBoolean.optional(),
  }),
  answer: { status: 200, about: 'A page of dependencies, those seen last first.', schema: dependencyPageSchema },
});

export const getServiceDependency = operation({
  id: 'getServiceDependency',
  method: 'GET',
  path: '/topology/dependencies/{id}',
  tag,
  summary: 'One dependency, as one source knows it',
  role: 'viewer',
  params: idParams,
  answer: { status: 200, about: 'The dependency.', schema: dependencySchema },
});

export const deleteServiceDependency = operation({
  id: 'deleteServiceDependency',
  method: 'DELETE',
  path: '/topology/dependencies/{id}',
  tag,
  summary: 'Forget what one source said of a dependency',
  description: 'It comes back when the source says it again.',
  role: 'operator',
  params: idParams,
  answer: { status: 204, about: 'It is forgotten.' },
});

export const markDependenciesStale = operation({
  id: 'markDependenciesStale',
  method: 'POST',
  path: '/topology/stale',
  tag,
  summary: 'Take dependencies for stale that were seen last before a moment',
  description: 'They count no more for cycles and reach, until they are seen again.',
  role: 'operator',
  body: markStaleSchema,
  answer: { status: 200, about: 'How many were marked.', schema: markedStaleSchema },
  example: { before: '2026-01-01T00:00:00Z' },
});

export const listCycleAlerts = operation({
  id: 'listCycleAlerts',
  method: 'GET',
  path: '/topology/cycles',
  tag,
  summary: 'List alerts of services that depend on each other in a circle',
  role: 'viewer',
  query: pageQuerySchema.extend({ status: queryList(cycleAlertStatusSchema).optional() }),
  answer: { status: 200, about: 'A page of alerts, the newest first.', schema: cycleAlertPageSchema },
});

export const detectCycles = operation({
  id: 'detectCycles',
  method: 'POST',
  path: '/topology/cycles/detect',
  tag,
  summary: 'Look for cycles once more',
  description: 'Each change of the map does so by itself; a cycle that is still there opens its resolved alert again.',
  role: 'operator',
  answer: { status: 200, about: 'What became of the alerts.', schema: detectedSchema },
});

export const getCycleAlert = operation({
  id: 'getCycleAlert',
  method: 'GET',
  path: '/topology/cycles/{id}',
  tag,
  summary: 'One alert',
  role: 'viewer',
  params: idParams,
  answer: { status: 200, about: 'The alert.', schema: cycleAlertSchema },
});

export const acknowledgeCycle = operation({
  id: 'acknowledgeCycle',
  method: 'POST',
  path: '/topology/cycles/{id}/acknowledge',
  tag,
  summary: 'Say that somebody looks after a cycle',
  role: 'operator',
  params: idParams,
  ifMatch: 'optional',
  answer: { status: 200, about: 'The alert as it is now.', schema: cycleAlertSchema },
});

export const resolveCycle = operation({
  id: 'resolveCycle',
  method: 'POST',
  path: '/topology/cycles/{id}/resolve',
  tag,
  summary: 'Say that a cycle is gone, or is to stay',
  description: 'Alerts of cycles that are gone are resolved by themselves.',
  role: 'operator',
  params: idParams,
  body: resolveCycleSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'optional',
  answer: { status: 200, about: 'The alert as it is now.', schema: cycleAlertSchema },
  example: { notes: 'billing asks by a queue now' },
});

export const listCodeRules = operation({
  id: 'listCodeRules',
  method: 'GET',
  path: '/topology/code-rules',
  tag,
  summary: 'List which code is whose',
  role: 'viewer',
  answer: { status: 200, about: 'All rules, by service.', schema: codeRulePageSchema },
});

export const deleteCodeRule = operation({
  id: 'deleteCodeRule',
  method: 'DELETE',
  path: '/topology/code-rules/{id}',
  tag,
  summary: 'Remove a code rule',
  role: 'operator',
  params: idParams,
  answer: { status: 204, about: 'It is removed.' },
});
