import * as agents from './agents.ts';
import * as approvals from './approvals.ts';
import * as audit from './audit.ts';
import * as browserSessions from './browser-sessions.ts';
import * as budgets from './budgets.ts';
import * as changes from './changes.ts';
import * as conflicts from './conflicts.ts';
import * as deadLetters from './dead-letters.ts';
import * as events from './events.ts';
import * as graph from './graph.ts';
import * as graphQueries from './graph-queries.ts';
import * as hooks from './hooks.ts';
import * as keys from './keys.ts';
import * as locks from './locks.ts';
import { isOperation, type Operation } from './operation.ts';
import * as pathClaims from './path-claims.ts';
import * as policies from './policies.ts';
import * as projects from './projects.ts';
import * as proposals from './proposals.ts';
import * as queues from './queues.ts';
import * as replay from './replay.ts';
import * as rollback from './rollback.ts';
import * as rollbackConflicts from './rollback-conflicts.ts';
import * as rollbackMonitoring from './rollback-monitoring.ts';
import * as schedules from './schedules.ts';
import * as sessionBridge from './session-bridge.ts';
import * as sessionParts from './session-parts.ts';
import * as sessionVerbs from './session-verbs.ts';
import * as sessions from './sessions.ts';
import * as sourceControl from './source-control.ts';
import * as specs from './specs.ts';
import * as system from './system.ts';
import * as taskClaims from './task-claims.ts';
import * as taskEta from './task-eta.ts';
import * as tasks from './tasks.ts';
import * as threads from './threads.ts';
import * as topology from './topology.ts';
import * as undos from './undos.ts';
import * as webhooks from './webhooks.ts';
import * as workspaces from './workspaces.ts';
import * as worktrees from './worktrees.ts';

/** Every operation of the API, in the order of the document. */
export const OPERATIONS: readonly Operation[] = [
  sessions,
  sessionVerbs,
  sessionParts,
  replay,
  tasks,
  taskClaims,
  deadLetters,
  taskEta,
  agents,
  queues,
  schedules,
  locks,
  pathClaims,
  conflicts,
  rollbackConflicts,
  rollbackMonitoring,
  threads,
  rollback,
  workspaces,
  changes,
  undos,
  worktrees,
  sourceControl,
  approvals,
  hooks,
  webhooks,
  graph,
  graphQueries,
  specs,
  sessionBridge,
  proposals,
  topology,
  policies,
  budgets,
  projects,
  keys,
  browserSessions,
  audit,
  events,
  system,
].flatMap((noun) => Object.values(noun).filter(isOperation).sort(inOrder));

/** Modules do not promise an order of their exports; the document needs one. */
function inOrder(a: Operation, b: Operation): number {
  const [left, right] = [a, b].map(
    ({ path, method }) => `${path} ${['GET', 'POST', 'PATCH', 'DELETE'].indexOf(method)}`,
  );
  return (left as string) < (right as string) ? -1 : 1;
}
