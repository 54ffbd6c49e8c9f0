import {
  answerOf,
  type CallOptions,
  type CreateOptions,
  ifMatch,
  succeeded,
  type Transport,
} from '../transport/transport.ts';
import type {
  CreatePolicy,
  DryRunPolicies,
  ExplainPolicies,
  ListQuery,
  Page,
  Policy,
  PolicyDecision,
  PolicyDocument,
  PolicyDryRun,
  PolicyInput,
  PolicyVersion,
  UpdatePolicy,
} from '../types.ts';

/** Rules that allow, hold or refuse what agents do. A policy goes by its name or its id. */
export function policyMethods({ http, creating }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Policy>> =>
      answerOf(http.GET('/api/v1/policies', { params: { query }, ...options })),
    get: (policy: string, options: CallOptions = {}): Promise<Policy> =>
      answerOf(http.GET('/api/v1/policies/{policy}', { params: { path: { policy } }, ...options })),
    versions: (policy: string, query: ListQuery = {}, options: CallOptions = {}): Promise<Page<PolicyVersion>> =>
      answerOf(http.GET('/api/v1/policies/{policy}/versions', { params: { path: { policy }, query }, ...options })),
    create: (policy: CreatePolicy, options?: CreateOptions): Promise<Policy> =>
      answerOf(http.POST('/api/v1/policies', { body: policy, ...creating(options) })),
    validate: (document: PolicyInput, options: CallOptions = {}): Promise<PolicyDocument> =>
      answerOf(http.POST('/api/v1/policies/validate', { body: document, ...options })),
    explain: (call: ExplainPolicies, options: CallOptions = {}): Promise<PolicyDecision> =>
      answerOf(http.POST('/api/v1/policies/explain', { body: call, ...options })),
    dryRun: (run: DryRunPolicies = {}, options: CallOptions = {}): Promise<PolicyDryRun> =>
      answerOf(http.POST('/api/v1/policies/dry-run', { body: run, ...options })),
    update: (policy: string, version: number, change: UpdatePolicy, options: CallOptions = {}): Promise<Policy> =>
      answerOf(
        http.PATCH('/api/v1/policies/{policy}', {
          params: { path: { policy }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    delete: (policy: string, version: number, options: CallOptions = {}): Promise<void> =>
      succeeded(
        http.DELETE('/api/v1/policies/{policy}', {
          params: { path: { policy }, header: ifMatch(version) },
          ...options,
        }),
      ),
  };
}
