import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type {
  AnalyseGraphDependencies,
  AnalyseGraphImpact,
  EmbeddedGraph,
  EmbedGraph,
  EntityCoverage,
  EntityPerformance,
  EntityTimeline,
  ExportedGraph,
  ExportGraph,
  FilteredGraphRelationships,
  FilterGraphRelationships,
  FindGraphCycles,
  FindGraphExamples,
  FindGraphPaths,
  FoundGraphEntities,
  FoundGraphRelationships,
  GraphCycles,
  GraphDefinition,
  GraphDependencies,
  GraphEntitiesByMeaning,
  GraphEntitySessions,
  GraphExamples,
  GraphImpact,
  GraphImports,
  GraphIndexJob,
  GraphModuleChildren,
  GraphModuleHistory,
  GraphPaths,
  GraphPerformance,
  GraphSessionChanges,
  GraphSessionImpacts,
  GraphSessionTimeline,
  GraphTraversal,
  ImportedGraphReport,
  ImportGraphReport,
  IngestedGraph,
  IngestGraph,
  KnownEntity,
  KnownRelationship,
  QueryGraphEntitySessions,
  QueryGraphModuleHistory,
  QueryGraphRelationships,
  QueryGraphSessionChanges,
  QueryGraphSessionEvents,
  RelationshipTimeline,
  ScanSecurity,
  SearchGraph,
  SearchGraphByMeaning,
  SecurityScan,
  StartGraphIndex,
  TakeGraphCheckpoint,
  TakenGraphCheckpoint,
  TraverseGraph,
  VulnerabilityReport,
} from '../types.ts';

/** The graph of the code and of what is around it, as it is and as it was. */
export function graphMethods({ http, creating }: Transport) {
  return {
    ingest: (said: IngestGraph, options: CallOptions = {}): Promise<IngestedGraph> =>
      answerOf(http.POST('/api/v1/graph/ingest', { body: said, ...creating(options) })),
    /** Takes a report of a tool: runs of tests, coverage, findings, advisories. */
    importReport: (report: ImportGraphReport, options: CallOptions = {}): Promise<ImportedGraphReport> =>
      answerOf(http.POST('/api/v1/graph/import', { body: report, ...creating(options) })),
    /** The code as an index of SCIP. */
    export: (what: ExportGraph = {}, options: CallOptions = {}): Promise<ExportedGraph> =>
      answerOf(http.POST('/api/v1/graph/export', { body: what, ...options })),
    /** Has the code of a workspace read, in the background. */
    index: (start: StartGraphIndex, options: CallOptions = {}): Promise<GraphIndexJob> =>
      answerOf(http.POST('/api/v1/graph/index', { body: start, ...creating(options) })),
    indexJob: (job: string, options: CallOptions = {}): Promise<GraphIndexJob> =>
      answerOf(http.GET('/api/v1/graph/index/{job}', { params: { path: { job } }, ...options })),
    /** The last ones, the newest first. */
    indexJobs: (options: CallOptions = {}): Promise<{ items: GraphIndexJob[] }> =>
      answerOf(http.GET('/api/v1/graph/index', { ...options })),
    takeCheckpoint: (checkpoint: TakeGraphCheckpoint, options: CallOptions = {}): Promise<TakenGraphCheckpoint> =>
      answerOf(http.POST('/api/v1/graph/checkpoints', { body: checkpoint, ...creating(options) })),
    search: (query: SearchGraph, options: CallOptions = {}): Promise<FoundGraphEntities> =>
      answerOf(http.POST('/api/v1/graph/search', { body: query, ...options })),
    /** Makes vectors of what has none yet, for search by meaning. */
    embed: (what: EmbedGraph = {}, options: CallOptions = {}): Promise<EmbeddedGraph> =>
      answerOf(http.POST('/api/v1/graph/embeddings', { body: what, ...creating(options) })),
    searchByMeaning: (query: SearchGraphByMeaning, options: CallOptions = {}): Promise<GraphEntitiesByMeaning> =>
      answerOf(http.POST('/api/v1/graph/search/semantic', { body: query, ...options })),
    /** @param at ISO 8601: as of then; else as it is, or was last */
    entity: (id: string, at?: string, options: CallOptions = {}): Promise<KnownEntity> =>
      answerOf(
        http.GET('/api/v1/graph/entity', {
          params: { query: { id, ...(at === undefined ? {} : { at }) } },
          ...options,
        }),
      ),
    entityTimeline: (id: string, options: CallOptions = {}): Promise<EntityTimeline> =>
      answerOf(http.GET('/api/v1/graph/entity/timeline', { params: { query: { id } }, ...options })),
    relationship: (relationship: string, options: CallOptions = {}): Promise<KnownRelationship> =>
      answerOf(
        http.GET('/api/v1/graph/relationships/{relationship}', { params: { path: { relationship } }, ...options }),
      ),
    relationshipTimeline: (relationship: string, options: CallOptions = {}): Promise<RelationshipTimeline> =>
      answerOf(
        http.GET('/api/v1/graph/relationships/{relationship}/timeline', {
          params: { path: { relationship } },
          ...options,
        }),
      ),
    traverse: (query: TraverseGraph, options: CallOptions = {}): Promise<GraphTraversal> =>
      answerOf(http.POST('/api/v1/graph/traverse', { body: query, ...options })),
    paths: (query: FindGraphPaths, options: CallOptions = {}): Promise<GraphPaths> =>
      answerOf(http.POST('/api/v1/graph/paths', { body: query, ...options })),
    impact: (changes: AnalyseGraphImpact, options: CallOptions = {}): Promise<GraphImpact> =>
      answerOf(http.POST('/api/v1/graph/impact', { body: changes, ...options })),
    /** What scanners and audits reported. */
    securityScan: (asked: ScanSecurity = {}, options: CallOptions = {}): Promise<SecurityScan> =>
      answerOf(http.POST('/api/v1/graph/security/scan', { body: asked, ...options })),
    vulnerabilities: (options: CallOptions = {}): Promise<VulnerabilityReport> =>
      answerOf(http.GET('/api/v1/graph/security/vulnerabilities', { ...options })),
    /** What tests run of an entity. */
    coverage: (id: string, options: CallOptions = {}): Promise<EntityCoverage> =>
      answerOf(http.GET('/api/v1/graph/entity/coverage', { params: { query: { id } }, ...options })),
    /** How fast an entity is, by the tests that try it; of a test by its own runs. */
    performanceSummary: (id: string, options: CallOptions = {}): Promise<EntityPerformance> =>
      answerOf(http.GET('/api/v1/graph/entity/performance-summary', { params: { query: { id } }, ...options })),
    /** Relationships of which all that is asked holds. */
    relationships: (query: QueryGraphRelationships, options: CallOptions = {}): Promise<FoundGraphRelationships> =>
      answerOf(http.POST('/api/v1/graph/relationships/query', { body: query, ...options })),
    /** What a module, file or directory contains. */
    children: (path: string, options: CallOptions = {}): Promise<GraphModuleChildren> =>
      answerOf(http.GET('/api/v1/graph/modules/children', { params: { query: { path } }, ...options })),
    moduleHistory: (query: QueryGraphModuleHistory, options: CallOptions = {}): Promise<GraphModuleHistory> =>
      answerOf(http.POST('/api/v1/graph/modules/history', { body: query, ...options })),
    imports: (id: string, options: CallOptions = {}): Promise<GraphImports> =>
      answerOf(http.GET('/api/v1/graph/entity/imports', { params: { query: { id } }, ...options })),
    definition: (id: string, options: CallOptions = {}): Promise<GraphDefinition> =>
      answerOf(http.GET('/api/v1/graph/entity/definition', { params: { query: { id } }, ...options })),
    entitySessions: (query: QueryGraphEntitySessions, options: CallOptions = {}): Promise<GraphEntitySessions> =>
      answerOf(http.POST('/api/v1/graph/entity/sessions', { body: query, ...options })),
    sessionTimeline: (query: QueryGraphSessionEvents, options: CallOptions = {}): Promise<GraphSessionTimeline> =>
      answerOf(http.POST('/api/v1/graph/sessions/timeline', { body: query, ...options })),
    /** How an entity is used, by the code that does and the tests that try it. */
    examples: (query: FindGraphExamples, options: CallOptions = {}): Promise<GraphExamples> =>
      answerOf(http.POST('/api/v1/graph/examples', { body: query, ...options })),
    /** How fast an entity was. @param filter as text; what cannot be used counts for nothing */
    performance: (
      id: string,
      filter: Partial<Record<'metricId' | 'environment' | 'severity' | 'limit' | 'days', string>> = {},
      options: CallOptions = {},
    ): Promise<GraphPerformance> =>
      answerOf(http.GET('/api/v1/graph/entity/performance', { params: { query: { id, ...filter } }, ...options })),
    /** What a session changed, with the versions of entities that came of it. */
    sessionChanges: (query: QueryGraphSessionChanges, options: CallOptions = {}): Promise<GraphSessionChanges> =>
      answerOf(http.POST('/api/v1/graph/sessions/changes', { body: query, ...options })),
    /** Relationships around an entity, by type, way, distance and weight. */
    around: (filter: FilterGraphRelationships, options: CallOptions = {}): Promise<FilteredGraphRelationships> =>
      answerOf(http.POST('/api/v1/graph/relationships/around', { body: filter, ...options })),
    sessionImpacts: (query: QueryGraphSessionEvents, options: CallOptions = {}): Promise<GraphSessionImpacts> =>
      answerOf(http.POST('/api/v1/graph/sessions/impacts', { body: query, ...options })),
    dependencies: (query: AnalyseGraphDependencies, options: CallOptions = {}): Promise<GraphDependencies> =>
      answerOf(http.POST('/api/v1/graph/dependencies', { body: query, ...options })),
    cycles: (query: FindGraphCycles = {}, options: CallOptions = {}): Promise<GraphCycles> =>
      answerOf(http.POST('/api/v1/graph/cycles', { body: query, ...options })),
  };
}
