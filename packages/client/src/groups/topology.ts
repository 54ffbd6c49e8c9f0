import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  ChangeReach,
  CodeRule,
  ConflictReach,
  CreateService,
  CycleAlert,
  CycleAlertStatus,
  DetectedCycles,
  ImportServices,
  IngestedServices,
  MeasureReach,
  Page,
  Service,
  ServiceDependency,
  ServiceMap,
  ServiceTraversal,
  StateServices,
  TraceExport,
  TraverseServices,
  UpdateService,
} from '../types.ts';

export interface PageQuery {
  page?: number;
  pageSize?: number;
}

/** The service map: what depends on what, where that runs in circles, and what a change can break. A service goes by its key or id. */
export function topologyMethods({ http, creating }: Transport) {
  return {
    ingest: (said: StateServices, options: CallOptions = {}): Promise<IngestedServices> =>
      answerOf(http.POST('/api/v1/topology/ingest', { body: said, ...creating(options) })),
    import: (document: ImportServices, options: CallOptions = {}): Promise<IngestedServices> =>
      answerOf(http.POST('/api/v1/topology/import', { body: document, ...creating(options) })),
    /** An export request of OTLP over HTTP, in JSON. */
    traces: (request: TraceExport, options: CallOptions = {}): Promise<IngestedServices> =>
      answerOf(http.POST('/api/v1/topology/otlp/v1/traces', { body: request, ...creating(options) })),
    map: (
      query: { environment?: string; includeStale?: boolean; minConfidence?: number } = {},
      options: CallOptions = {},
    ): Promise<ServiceMap> => answerOf(http.GET('/api/v1/topology/map', { params: { query }, ...options })),
    traverse: (query: TraverseServices, options: CallOptions = {}): Promise<ServiceTraversal> =>
      answerOf(http.POST('/api/v1/topology/traverse', { body: query, ...options })),
    reach: (change: MeasureReach, options: CallOptions = {}): Promise<ChangeReach> =>
      answerOf(http.POST('/api/v1/topology/reach', { body: change, ...options })),
    sessionReach: (id: string, options: CallOptions = {}): Promise<ChangeReach> =>
      answerOf(http.GET('/api/v1/sessions/{id}/reach', { params: { path: { id } }, ...options })),
    conflictReaches: (ids: readonly string[], options: CallOptions = {}): Promise<{ items: ConflictReach[] }> =>
      answerOf(http.GET('/api/v1/conflicts/reach', { params: { query: { ids: ids.join(',') } }, ...options })),
    approvalReach: (id: string, options: CallOptions = {}): Promise<ChangeReach> =>
      answerOf(http.GET('/api/v1/approvals/{id}/reach', { params: { path: { id } }, ...options })),

    listServices: (
      query: PageQuery & { team?: string; criticality?: Service['criticality']; discovered?: boolean } = {},
      options: CallOptions = {},
    ): Promise<Page<Service>> => answerOf(http.GET('/api/v1/topology/services', { params: { query }, ...options })),
    service: (service: string, options: CallOptions = {}): Promise<Service> =>
      answerOf(http.GET('/api/v1/topology/services/{service}', { params: { path: { service } }, ...options })),
    createService: (service: CreateService, options?: CreateOptions): Promise<Service> =>
      answerOf(http.POST('/api/v1/topology/services', { body: service, ...creating(options) })),
    updateService: (
      service: string,
      version: number,
      change: UpdateService,
      options: CallOptions = {},
    ): Promise<Service> =>
      answerOf(
        http.PATCH('/api/v1/topology/services/{service}', {
          params: { path: { service }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    deleteService: (service: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/topology/services/{service}', {
          params: { path: { service }, header: ifMatch(version) },
          ...options,
        }),
      ),

    /** A row for each source that knows of a dependency. */
    listDependencies: (
      query: PageQuery & { source?: string; target?: string; discoverySource?: string; stale?: boolean } = {},
      options: CallOptions = {},
    ): Promise<Page<ServiceDependency>> =>
      answerOf(http.GET('/api/v1/topology/dependencies', { params: { query }, ...options })),
    deleteDependency: (id: string, options: CallOptions = {}): Promise<void> =>
      succeeded(http.DELETE('/api/v1/topology/dependencies/{id}', { params: { path: { id } }, ...options })),
    /** @param before ISO 8601 */
    markStale: (before: string, discoverySources?: string[], options: CallOptions = {}): Promise<{ marked: number }> =>
      answerOf(
        http.POST('/api/v1/topology/stale', {
          body: { before, ...(discoverySources === undefined ? {} : { discoverySources }) },
          ...options,
        }),
      ),

    cycles: (
      query: PageQuery & { status?: CycleAlertStatus[] } = {},
      options: CallOptions = {},
    ): Promise<Page<CycleAlert>> => {
      const { status, ...rest } = query;
      const wanted = { ...rest, ...(status === undefined ? {} : { status: status.join(',') }) };
      return answerOf(http.GET('/api/v1/topology/cycles', { params: { query: wanted }, ...options }));
    },
    detectCycles: (options: CallOptions = {}): Promise<DetectedCycles> =>
      answerOf(http.POST('/api/v1/topology/cycles/detect', { ...options })),
    acknowledgeCycle: (id: string, options: CallOptions = {}): Promise<CycleAlert> =>
      answerOf(http.POST('/api/v1/topology/cycles/{id}/acknowledge', { params: { path: { id } }, ...options })),
    resolveCycle: (id: string, notes: string | null = null, options: CallOptions = {}): Promise<CycleAlert> =>
      answerOf(
        http.POST('/api/v1/topology/cycles/{id}/resolve', { params: { path: { id } }, body: { notes }, ...options }),
      ),

    codeRules: (options: CallOptions = {}): Promise<Page<CodeRule>> =>
      answerOf(http.GET('/api/v1/topology/code-rules', { ...options })),
    deleteCodeRule: (id: string, options: CallOptions = {}): Promise<void> =>
      succeeded(http.DELETE('/api/v1/topology/code-rules/{id}', { params: { path: { id } }, ...options })),
  };
}
