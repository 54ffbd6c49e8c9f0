/**
 * Keys under which answers are kept, one function per kind of answer. The project comes first: two projects never share
 * an answer, and a whole project can be dropped at once.
 */
type Project = string | null;

export const keys = {
  all: (project: Project) => [project] as const,
  stats: (project: Project) => [project, 'fleet', 'stats'] as const,
  monitor: (project: Project) => [project, 'fleet', 'monitor'] as const,
  fleet: (project: Project) => [project, 'fleet'] as const,
  fleetSessions: (project: Project, which: string) => [project, 'fleet', 'sessions', which] as const,
  throughput: (project: Project) => [project, 'fleet', 'throughput'] as const,
  usage: (project: Project) => [project, 'fleet', 'usage'] as const,
  sessionPage: (project: Project, query: object, page: number) => [project, 'session-list', query, page] as const,
  sessionList: (project: Project) => [project, 'session-list'] as const,
  sessionTitles: (project: Project, ids: readonly string[]) => [project, 'session-titles', ids] as const,
  metrics: (project: Project, id: string) => [project, 'metrics', id] as const,
  session: (project: Project, id: string) => [project, 'session', id] as const,
  sessionPart: (project: Project, id: string, part: string) => [project, 'session', id, part] as const,
  replay: (project: Project, id: string) => [project, 'replay', id] as const,
  workspaces: (project: Project) => [project, 'workspaces'] as const,
  taskList: (project: Project) => [project, 'task-list'] as const,
  taskPage: (project: Project, query: object, page: number) => [project, 'task-list', query, page] as const,
  task: (project: Project, id: string) => [project, 'task', id] as const,
  taskPart: (project: Project, id: string, part: string) => [project, 'task', id, part] as const,
  queues: (project: Project) => [project, 'queues'] as const,
  queueNames: (project: Project) => [project, 'queue-names'] as const,
  queue: (project: Project, name: string) => [project, 'queues', 'one', name] as const,
  schedules: (project: Project) => [project, 'schedules'] as const,
  agents: (project: Project) => [project, 'agents'] as const,
  locks: (project: Project) => [project, 'locks'] as const,
  paths: (project: Project) => [project, 'paths'] as const,
  conflicts: (project: Project) => [project, 'conflicts'] as const,
  undos: (project: Project) => [project, 'undos'] as const,
  rollback: (project: Project) => [project, 'rollback'] as const,
  rollbackPreview: (project: Project, pointId: string, request: object | null) =>
    [project, 'rollback-preview', pointId, request] as const,
  approvals: (project: Project) => [project, 'approvals'] as const,
  approvalList: (project: Project) => [project, 'approval-list'] as const,
  approvalPage: (project: Project, query: object, page: number) => [project, 'approval-list', query, page] as const,
  approval: (project: Project, id: string) => [project, 'approvals', 'one', id] as const,
  policies: (project: Project) => [project, 'policies'] as const,
  audit: (project: Project) => [project, 'audit'] as const,
  projects: () => ['projects'] as const,
  runtimes: () => ['runtimes'] as const,
  system: () => ['system'] as const,
  health: () => ['health'] as const,
};
