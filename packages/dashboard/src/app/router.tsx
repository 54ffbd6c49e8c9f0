import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router';
import { AGENT_FILTER_NAMES } from '../agents/agent-filters.ts';
import { APPROVAL_FILTER_NAMES } from '../approvals/approval-filters.ts';
import { LOCK_FILTER_NAMES } from '../locks/lock-filters.ts';
import { POINT_SEARCH } from '../rollback/rollback-choices.ts';
import { SESSION_FILTER_NAMES } from '../sessions/session-filters.ts';
import { TASK_FILTER_NAMES } from '../tasks/task-filters.ts';
import { UNDO_SEARCH } from '../undo/undo-choices.ts';
import { NotFound } from './not-found.tsx';
import { RouteError } from './route-error.tsx';
import { parseSearch, searchOf, stringifySearch } from './search.ts';
import { Shell } from './shell.tsx';

const rootRoute = createRootRoute({
  component: Shell,
  validateSearch: searchOf(['project']),
  search: { middlewares: [retainSearchParams<{ project?: string }>(['project'])] },
  notFoundComponent: NotFound,
});

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../overview/overview-page.tsx'), 'OverviewPage'),
});

export const sessionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sessions',
  validateSearch: searchOf(SESSION_FILTER_NAMES),
  component: lazyRouteComponent(() => import('../sessions/sessions-page.tsx'), 'SessionsPage'),
});

export const sessionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sessions/$sessionId',
  validateSearch: searchOf(['tab', 'types', 'file', 'files', 'seq']),
  component: lazyRouteComponent(() => import('../session/session-page.tsx'), 'SessionPage'),
});

const approvalsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/approvals',
  validateSearch: searchOf(APPROVAL_FILTER_NAMES),
  component: lazyRouteComponent(() => import('../approvals/approvals-page.tsx'), 'ApprovalsPage'),
});

const approvalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/approvals/$approvalId',
  component: lazyRouteComponent(() => import('../approvals/approval-page.tsx'), 'ApprovalPage'),
});

const undoRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sessions/$sessionId/undo',
  validateSearch: searchOf(UNDO_SEARCH),
  component: lazyRouteComponent(() => import('../undo/undo-page.tsx'), 'UndoPage'),
});

const undosRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/undos',
  component: lazyRouteComponent(() => import('../undo/undos-page.tsx'), 'UndosPage'),
});

const undoOperationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/undos/$undoId',
  component: lazyRouteComponent(() => import('../undo/undo-operation-page.tsx'), 'UndoOperationPage'),
});

const redoRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/undos/$undoId/redo',
  validateSearch: searchOf(['dependents', 'file']),
  component: lazyRouteComponent(() => import('../undo/redo-page.tsx'), 'RedoPage'),
});

const rollbackRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/rollback',
  component: lazyRouteComponent(() => import('../rollback/points-page.tsx'), 'PointsPage'),
});

const rollbackPointRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/rollback/points/$pointId',
  validateSearch: searchOf(POINT_SEARCH),
  component: lazyRouteComponent(() => import('../rollback/point-page.tsx'), 'PointPage'),
});

const rollbackOperationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/rollback/operations',
  validateSearch: searchOf(['status', 'strategy']),
  component: lazyRouteComponent(() => import('../rollback/operations-page.tsx'), 'OperationsPage'),
});

const rollbackOperationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/rollback/operations/$operationId',
  component: lazyRouteComponent(() => import('../rollback/operation-page.tsx'), 'OperationPage'),
});

const rollbackMonitoringRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/rollback/monitoring',
  validateSearch: searchOf(['alerts', 'hours']),
  component: lazyRouteComponent(() => import('../rollback/monitoring-page.tsx'), 'MonitoringPage'),
});

const agentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agents',
  validateSearch: searchOf(AGENT_FILTER_NAMES),
  component: lazyRouteComponent(() => import('../agents/agents-page.tsx'), 'AgentsPage'),
});

const agentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agents/$agentId',
  component: lazyRouteComponent(() => import('../agents/agent-page.tsx'), 'AgentPage'),
});

const locksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/locks',
  validateSearch: searchOf(LOCK_FILTER_NAMES),
  component: lazyRouteComponent(() => import('../locks/locks-page.tsx'), 'LocksPage'),
});

const lockQueueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/locks/queue',
  validateSearch: searchOf(['resource']),
  component: lazyRouteComponent(() => import('../locks/lock-queue-page.tsx'), 'LockQueuePage'),
});

const pathsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/paths',
  validateSearch: searchOf(['workspace', 'conflicts']),
  component: lazyRouteComponent(() => import('../paths/paths-page.tsx'), 'PathsPage'),
});

const tasksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks',
  validateSearch: searchOf(TASK_FILTER_NAMES),
  component: lazyRouteComponent(() => import('../tasks/tasks-page.tsx'), 'TasksPage'),
});

const taskRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/tasks/$taskId',
  component: lazyRouteComponent(() => import('../task/task-page.tsx'), 'TaskPage'),
});

const queuesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/queues',
  component: lazyRouteComponent(() => import('../queues/queues-page.tsx'), 'QueuesPage'),
});

const queueRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/queues/$queue',
  component: lazyRouteComponent(() => import('../queues/queue-page.tsx'), 'QueuePage'),
});

const deadLettersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dead-letters',
  validateSearch: searchOf(TASK_FILTER_NAMES),
  component: lazyRouteComponent(() => import('../dead-letters/dead-letters-page.tsx'), 'DeadLettersPage'),
});

const schedulesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/schedules',
  component: lazyRouteComponent(() => import('../schedules/schedules-page.tsx'), 'SchedulesPage'),
});

const workspacesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workspaces',
  component: lazyRouteComponent(() => import('../workspaces/workspaces-page.tsx'), 'WorkspacesPage'),
});

const blameRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workspaces/$workspaceId/blame',
  validateSearch: searchOf(['path', 'line']),
  component: lazyRouteComponent(() => import('../blame/blame-page.tsx'), 'BlamePage'),
});

const policiesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/policies',
  component: lazyRouteComponent(() => import('../policies/policies-page.tsx'), 'PoliciesPage'),
});

const newPolicyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/policies/new',
  component: lazyRouteComponent(() => import('../policies/new-policy-page.tsx'), 'NewPolicyPage'),
});

const policyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/policies/$policy',
  component: lazyRouteComponent(() => import('../policies/policy-page.tsx'), 'PolicyPage'),
});

const budgetsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/budgets',
  component: lazyRouteComponent(() => import('../budgets/budgets-page.tsx'), 'BudgetsPage'),
});

const webhooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('../webhooks/webhooks-page.tsx'), 'WebhooksPage'),
});

const webhookRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/webhooks/$webhookId',
  validateSearch: searchOf(['status']),
  component: lazyRouteComponent(() => import('../webhooks/webhook-page.tsx'), 'WebhookPage'),
});

const keysRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/keys',
  component: lazyRouteComponent(() => import('../keys/keys-page.tsx'), 'KeysPage'),
});

export const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  validateSearch: searchOf(['actor', 'action', 'subject', 'since']),
  component: lazyRouteComponent(() => import('../audit/audit-page.tsx'), 'AuditPage'),
});

const topologyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/topology',
  validateSearch: searchOf(['environment', 'stale', 'service']),
  component: lazyRouteComponent(() => import('../topology/topology-page.tsx'), 'TopologyPage'),
});

const graphRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/graph',
  validateSearch: searchOf(['q', 'entity', 'depth', 'inside']),
  component: lazyRouteComponent(() => import('../graph/graph-page.tsx'), 'GraphPage'),
});

const systemRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/system',
  component: lazyRouteComponent(() => import('../system/system-page.tsx'), 'SystemPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    sessionsRoute,
    sessionRoute,
    approvalsRoute,
    approvalRoute,
    undoRoute,
    undosRoute,
    undoOperationRoute,
    redoRoute,
    rollbackRoute,
    rollbackPointRoute,
    rollbackOperationsRoute,
    rollbackOperationRoute,
    rollbackMonitoringRoute,
    tasksRoute,
    taskRoute,
    queuesRoute,
    queueRoute,
    deadLettersRoute,
    schedulesRoute,
    agentsRoute,
    agentRoute,
    locksRoute,
    lockQueueRoute,
    pathsRoute,
    topologyRoute,
    graphRoute,
    workspacesRoute,
    blameRoute,
    policiesRoute,
    newPolicyRoute,
    policyRoute,
    budgetsRoute,
    webhooksRoute,
    webhookRoute,
    keysRoute,
    auditRoute,
    systemRoute,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultErrorComponent: RouteError,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
