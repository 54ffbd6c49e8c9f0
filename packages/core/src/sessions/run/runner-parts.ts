import type { Approvals } from '../../approvals/index.ts';
import type { Journal } from '../../journal/index.ts';
import type { Conflicts, PathClaims } from '../../locks/index.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { Logger } from '../../platform/logging/index.ts';
import type { Budgets, Policies } from '../../policies/index.ts';
import type { TaskQueue } from '../../tasks/index.ts';
import type { Captures, WorkspaceChanges, Workspaces, WorkTrees } from '../../workspaces/index.ts';
import type { Runtime } from '../runtime.ts';
import type { SessionParts } from '../session-parts.ts';
import type { Sessions } from '../sessions.ts';
import type { PermissionMode } from './permission-rule.ts';

/** What running sessions needs of the rest of the house. */
export interface RunnerParts extends SessionParts {
  tasks: TaskQueue;
  sessions: Sessions;
  journal: Journal;
  workspaces: Pick<Workspaces, 'get'>;
  captures: Captures;
  workspaceChanges: WorkspaceChanges;
  workTrees: WorkTrees;
  pathClaims: PathClaims;
  conflicts: Conflicts;
  policies: Pick<Policies, 'decide'>;
  budgets: Pick<Budgets, 'usedUp' | 'spentBy'>;
  approvals: Pick<Approvals, 'digestOf' | 'request' | 'use' | 'waitFor'>;
  bus: Bus;
  logger: Logger;
  runtimes: readonly Runtime[];
}

export interface RunnerSettings {
  /** Name under which this runner claims: unique among all that run. */
  agent: string;
  /** Sessions run at the same time at most. */
  capacity: number;
  leaseSeconds: number;
  /** Seconds between heartbeats; below half a lease. */
  heartbeatSeconds: number;
  permissions: PermissionMode;
  /** Seconds for which a process waits for people before it is ended. */
  holdSeconds: number;
  /** Given to every run: how to reach the API, and with what key. */
  environment: () => Readonly<Record<string, string>>;
}

/** Bus topic of streamed pieces of messages of one session; see `MessageDelta`. */
export function deltaTopic(sessionId: string): string {
  return `delta.${sessionId}`;
}
