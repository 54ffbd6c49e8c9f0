import { answerOf, type CallOptions, type CreateOptions, ifMatch, type Transport } from '../transport/transport.ts';
import type {
  CheckedSpec,
  CreateSpec,
  LinkSpec,
  Page,
  PlanSpecTests,
  Spec,
  SpecDetails,
  TestPlan,
  UpdateSpec,
} from '../types.ts';

export interface SpecQuery {
  page?: number;
  pageSize?: number;
  status?: Spec['status'][];
  priority?: Spec['priority'][];
  assignee?: string;
  /** All of them. */
  tags?: string[];
  search?: string;
  sortBy?: 'updated' | 'created' | 'title' | 'priority';
  sortOrder?: 'asc' | 'desc';
}

/** What is wanted of the code, and which tests tell whether it is so. */
export function specMethods({ http, creating }: Transport) {
  return {
    list: ({ status, priority, tags, ...query }: SpecQuery = {}, options: CallOptions = {}): Promise<Page<Spec>> => {
      const lists = Object.entries({ status, priority, tags }).flatMap(([name, values]) =>
        values === undefined ? [] : [[name, values.join(',')] as const],
      );
      const given = { ...query, ...Object.fromEntries(lists) };
      return answerOf(http.GET('/api/v1/specs', { params: { query: given }, ...options }));
    },
    get: (spec: string, options: CallOptions = {}): Promise<SpecDetails> =>
      answerOf(http.GET('/api/v1/specs/{spec}', { params: { path: { spec } }, ...options })),
    create: (spec: CreateSpec, options?: CreateOptions): Promise<CheckedSpec> =>
      answerOf(http.POST('/api/v1/specs', { body: spec, ...creating(options) })),
    update: (spec: string, version: number, change: UpdateSpec, options: CallOptions = {}): Promise<CheckedSpec> =>
      answerOf(
        http.PATCH('/api/v1/specs/{spec}', {
          params: { path: { spec }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
    link: (spec: string, links: LinkSpec, options: CallOptions = {}): Promise<SpecDetails> =>
      answerOf(
        http.POST('/api/v1/specs/{spec}/links', { params: { path: { spec } }, body: links, ...creating(options) }),
      ),
    testPlan: (spec: string, wanted: PlanSpecTests = {}, options: CallOptions = {}): Promise<TestPlan> =>
      answerOf(http.POST('/api/v1/specs/{spec}/test-plan', { params: { path: { spec } }, body: wanted, ...options })),
  };
}
