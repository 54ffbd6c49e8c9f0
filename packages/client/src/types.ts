import type { paths } from './generated/api.ts';

/** The nouns as they travel, taken from the generated document: nothing here is written twice. */
type Answer<
  Path extends keyof paths,
  Method extends keyof paths[Path],
  Status extends number,
> = paths[Path][Method] extends {
  responses: Record<Status, { content: { 'application/json': infer Body } }>;
}
  ? Body
  : never;

type Body<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  requestBody: { content: { 'application/json': infer Content } };
}
  ? Content
  : paths[Path][Method] extends { requestBody?: { content: { 'application/json': infer Content } } }
    ? Content
    : never;

export type Session = Answer<'/api/v1/sessions', 'post', 201>;
export type SessionStatus = Session['status'];
export type SessionWithRelations = Answer<'/api/v1/sessions/{id}', 'get', 200>;
export type CreateSession = Body<'/api/v1/sessions', 'post'>;
export type UpdateSession = Body<'/api/v1/sessions/{id}', 'patch'>;
export type FoundSession = Answer<'/api/v1/sessions/search', 'get', 200>['items'][number];
export type SessionStats = Answer<'/api/v1/sessions/stats', 'get', 200>;
export type SessionMonitor = Answer<'/api/v1/sessions/monitor', 'get', 200>;
export type BulkStatusResult = Answer<'/api/v1/sessions/status', 'post', 200>;
export type CleanupResult = Answer<'/api/v1/sessions/cleanup', 'post', 200>;
export type SessionMetrics = Answer<'/api/v1/sessions/{id}/metrics', 'get', 200>;
export type Attempts = Answer<'/api/v1/sessions/{id}/attempts', 'get', 200>;
export type JournalPage = Answer<'/api/v1/sessions/{id}/journal', 'get', 200>;
export type JournalEvent = JournalPage['items'][number];
export type AppendEvent = Body<'/api/v1/sessions/{id}/journal', 'post'>['events'][number];
export type AppendResult = Answer<'/api/v1/sessions/{id}/journal', 'post', 200>['items'][number];
export type Checkpoint = Answer<'/api/v1/sessions/{id}/checkpoints', 'post', 201>;
export type CreateCheckpoint = Body<'/api/v1/sessions/{id}/checkpoints', 'post'>;
export type Workspace = Answer<'/api/v1/workspaces', 'post', 201>;
export type CreateWorkspace = Body<'/api/v1/workspaces', 'post'>;
export type UpdateWorkspace = Body<'/api/v1/workspaces/{id}', 'patch'>;
export type Project = Answer<'/api/v1/projects', 'post', 201>;
export type CreateProject = Body<'/api/v1/projects', 'post'>;
export type UpdateProject = Body<'/api/v1/projects/{slugOrId}', 'patch'>;
export type ApiKey = Answer<'/api/v1/keys', 'get', 200>['items'][number];
export type CreatedApiKey = Answer<'/api/v1/keys', 'post', 201>;
export type CreateApiKey = Body<'/api/v1/keys', 'post'>;
export type Task = Answer<'/api/v1/tasks/{id}', 'get', 200>;
export type AuditEvent = Answer<'/api/v1/audit', 'get', 200>['items'][number];
export type AuditVerification = Answer<'/api/v1/audit/verify', 'get', 200>;
export type RuntimeInfo = Answer<'/api/v1/runtimes', 'get', 200>[number];
export type SystemInfo = Answer<'/api/v1/system', 'get', 200>;

/** A session in its tree, with those under it. */
export interface SessionTree {
  id: string;
  title: string;
  status: SessionStatus;
  sessionType: Session['sessionType'];
  depth: number;
  children: SessionTree[];
}

/** What every list answers. */
export interface Page<Item> {
  items: Item[];
  total: number;
  page: number;
  pageSize: number;
  nextCursor?: string | null | undefined;
}

/**
 * Page, order and filters of a list: `{ page: 2, status: 'running', 'priority.lte': 1 }`. The server refuses names it
 * does not know with 400.
 */
export interface ListQuery {
  /** From 1. */
  page?: number | undefined;
  /** 1 to 100; 20 without. */
  pageSize?: number | undefined;
  sortBy?: string | undefined;
  sortOrder?: 'asc' | 'desc' | undefined;
  /** From a page's `nextCursor`, instead of `page`. */
  cursor?: string | undefined;
  includeDeleted?: boolean | undefined;
  [filter: string]: string | number | boolean | undefined;
}
