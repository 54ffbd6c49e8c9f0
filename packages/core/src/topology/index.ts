export {
  type CycleAlert,
  type CycleAlertStatus,
  cycleAlertSchema,
  cycleAlertStatusSchema,
  type ResolveCycle,
  resolveCycleSchema,
} from './cycles/cycle-alert.ts';
export { type Detected, detectedSchema } from './cycles/detect-cycles.ts';
export { type Dependency, dependencySchema, type StatedDependency } from './dependencies/dependency.ts';
export { type MapEdge, mapEdgeSchema } from './dependencies/map-edge.ts';
export {
  type MapTraversal,
  mapTraversalSchema,
  type ReadMap,
  readMapSchema,
  type ServiceMap,
  serviceMapSchema,
  type TraverseMap,
  traverseMapSchema,
} from './graph/map-query.ts';
export { type ImportDocument, importDocumentSchema } from './importers/import-document.ts';
export { type TraceExport, traceExportSchema } from './importers/traces.ts';
export { type IngestedMap, ingestedMapSchema, type MapStatement, mapStatementSchema } from './ingest/statement.ts';
export type { Conflicting, ReachingCall, SessionWork, WorkPort } from './reach/change-reaches.ts';
export type { CodePort } from './reach/code-port.ts';
export { type CodeRule, codeRuleSchema } from './reach/code-rule.ts';
export {
  type ChangeReach,
  type ConflictReach,
  changeReachSchema,
  conflictReachSchema,
  type MeasureReach,
  measureReachSchema,
  type ReachLevel,
} from './reach/reach.ts';
export {
  type CreateService,
  createServiceSchema,
  type Service,
  serviceSchema,
  type UpdateService,
  updateServiceSchema,
} from './services/service.ts';
export { type Criticality, criticalitySchema } from './terms.ts';
export { Topology } from './topology.ts';
