export { AssertedGraph } from './assertions/asserted-graph.ts';
export { normaliseEdge } from './edges/normalise-edge.ts';
export type { EdgeProblem, OnEdgeProblem, RawEdge } from './edges/raw-edge.ts';
export { findExamples } from './examples/find-examples.ts';
export {
  type FindExamples,
  findExamplesSchema,
  type UsageExamples,
  usageExamplesSchema,
} from './examples/usage-example.ts';
export {
  type ExportedGraph,
  type ExportGraph,
  exportedGraphSchema,
  exportGraphSchema,
  GraphExports,
} from './exports/export-graph.ts';
export {
  type Finding,
  type Scanned,
  type SecurityScan,
  scannedSchema,
  securityScanSchema,
  type VulnerabilityReport,
  vulnerabilityReportSchema,
} from './findings/security-scan.ts';
export { CodeGraph, type Direction } from './graph/code-graph.ts';
export { cyclicComponents } from './graph/cycles.ts';
export type { EdgeFilter } from './graph/edge-filter.ts';
export type { ImportCircle } from './graph/import-circles.ts';
export { reach } from './graph/reach.ts';
export { shortestPath } from './graph/shortest-path.ts';
export {
  type Cycles,
  cyclesSchema,
  type FindCycles,
  type FindPaths,
  findCyclesSchema,
  findPathsSchema,
  type Paths,
  pathsSchema,
  type Traversal,
  type Traverse,
  traversalSchema,
  traverseSchema,
  type Visited,
} from './graph-query.ts';
export {
  type TakeGraphCheckpoint,
  type TakenGraphCheckpoint,
  takeGraphCheckpointSchema,
  takenGraphCheckpointSchema,
} from './history/checkpoint.ts';
export type { ForgottenHistory } from './history/retention-store.ts';
export {
  type EntityTimeline,
  type EntityVersion,
  entityTimelineSchema,
  type KnownEntity,
  type KnownRelationship,
  knownEntitySchema,
  type RelationshipSegment,
  type RelationshipTimeline,
  relationshipTimelineSchema,
} from './history/timeline.ts';
export { environmentName, metricName } from './identity/names.ts';
export { legacyStructuralId, relationshipId } from './identity/relationship-id.ts';
export { targetKey } from './identity/target-key.ts';
export { allChanged, changedSymbols, type SymbolChange } from './impact/changed-symbols.ts';
export type { CodeUser, DeclaredSymbol } from './impact/code-users.ts';
export { type AnalyseImpact, analyseImpactSchema, type GraphImpact, graphImpactSchema } from './impact/impact.ts';
export { Reports } from './imports/import-report.ts';
export {
  type ImportedReport,
  type ImportReport,
  importedReportSchema,
  importReportSchema,
  MOST_REPORT_BYTES,
  REPORT_FORMATS,
  type ReportFormat,
} from './imports/report.ts';
export { type IndexJob, indexJobSchema, type StartIndex, startIndexSchema } from './indexing/index-job.ts';
export type { IndexMode } from './indexing/index-mode.ts';
export { Indexing } from './indexing/indexing.ts';
export { type Ingest, ingestSchema } from './ingest/batch.ts';
export { type Ingested, ingestedSchema } from './ingest/ingest.ts';
export type { ChangeCounts } from './ingest/write-changes.ts';
export { Knowledge } from './knowledge.ts';
export { type EntityCoverage, entityCoverageSchema } from './measures/entity-coverage.ts';
export { type EntityPerformance, entityPerformanceSchema } from './measures/entity-performance.ts';
export { judgePerformance, type Measured, type PerformanceVerdict } from './noise/judge-performance.ts';
export { docLinkConfidence, isFindingKept, isTellingName } from './noise/keep-findings.ts';
export { loadNoiseSettings, type NoiseSettings, type NoiseWarning } from './noise/noise-settings.ts';
export { type EdgeScore, type InferredEdge, isWorthKeeping, scoreInferredEdge } from './noise/score-edge.ts';
export {
  type AnalyseDependencies,
  analyseDependenciesSchema,
  type DependencyAnalysis,
  dependencyAnalysisSchema,
} from './queries/dependency-analysis.ts';
export { GraphQueries } from './queries/graph-queries.ts';
export {
  definitionSchema,
  entityImportsSchema,
  moduleChildrenSchema,
  moduleHistoryQuerySchema,
  moduleHistorySchema,
  type NamedEntity,
} from './queries/navigation.ts';
export { type PerformanceHistory, performanceHistorySchema } from './queries/performance-history.ts';
export {
  type FilteredRelationships,
  type FilterRelationships,
  filteredRelationshipsSchema,
  filterRelationshipsSchema,
} from './queries/relationship-filter.ts';
export {
  entitySessionsQuerySchema,
  type FoundRelationships,
  foundRelationshipsSchema,
  type QueryRelationships,
  relationshipQuerySchema,
  sessionEventsQuerySchema,
} from './queries/relationship-query.ts';
export {
  type QuerySessionChanges,
  type SessionChanges,
  sessionChangesQuerySchema,
  sessionChangesSchema,
} from './queries/session-changes.ts';
export { sessionImpactsSchema, sessionsAffectingSchema, sessionTimelineSchema } from './queries/session-views.ts';
export { type EmbeddingProvider, type EmbeddingSettings, spaceOf } from './search/embedding.ts';
export {
  type FoundEntities,
  type FoundEntity,
  foundEntitiesSchema,
  type SearchGraph,
  searchGraphSchema,
} from './search/entity-search.ts';
export { openSemanticIndex } from './search/open-semantic-index.ts';
export {
  type EmbeddedGraph,
  embeddedGraphSchema,
  embedGraphSchema,
  SemanticIndex,
  type SemanticResults,
  semanticResultsSchema,
  semanticSearchSchema,
} from './search/semantic-search.ts';
export type { EdgeEvidence, EdgeLocation, EndpointRef } from './vocabulary/edge-place.ts';
export {
  ENTITY_TYPES,
  type Entity,
  type EntityOf,
  type EntityType,
  entitySchema,
  entityTypeSchema,
  isClassSymbol,
  isEntityOf,
  isFunctionSymbol,
  isInterfaceSymbol,
  isTypeAliasSymbol,
} from './vocabulary/entity.ts';
export {
  type Relationship,
  type RelationshipFact,
  relationshipFactSchema,
  relationshipSchema,
} from './vocabulary/relationship.ts';
export {
  canonicalType,
  familyOf,
  RELATIONSHIP_TYPES,
  type RelationshipFamily,
  type RelationshipType,
  relationshipTypeSchema,
} from './vocabulary/relationship-type.ts';
export {
  readSpecLink,
  SPEC_LINK_TYPES,
  type SpecLink,
  type SpecLinkType,
  specLinkSchema,
  specLinkTypeSchema,
} from './vocabulary/spec-link.ts';
export { levelSchema } from './vocabulary/terms.ts';
