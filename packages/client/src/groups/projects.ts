import { answerOf, type CallOptions, type CreateOptions, ifMatch, type Transport } from '../transport/transport.ts';
import type { CreateProject, ListQuery, Page, Project, UpdateProject } from '../types.ts';

/** The tenancy boundary: every other thing belongs to a project. */
export function projectMethods({ http, creating }: Transport) {
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Project>> =>
      answerOf(http.GET('/api/v1/projects', { params: { query }, ...options })),
    get: (slugOrId: string, options: CallOptions = {}): Promise<Project> =>
      answerOf(http.GET('/api/v1/projects/{slugOrId}', { params: { path: { slugOrId } }, ...options })),
    create: (project: CreateProject, options?: CreateOptions): Promise<Project> =>
      answerOf(http.POST('/api/v1/projects', { body: project, ...creating(options) })),
    update: (slugOrId: string, version: number, change: UpdateProject, options: CallOptions = {}): Promise<Project> =>
      answerOf(
        http.PATCH('/api/v1/projects/{slugOrId}', {
          params: { path: { slugOrId }, header: ifMatch(version) },
          body: change,
          ...options,
        }),
      ),
  };
}
