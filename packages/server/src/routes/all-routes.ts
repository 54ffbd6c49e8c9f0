import type { Core } from '@signalbox/core';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { Serve } from '../http/serve.ts';
import { agentRoutes } from './agents.ts';
import { auditRoutes } from './audit.ts';
import { conflictRoutes } from './conflicts.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { journalRoutes } from './journal.ts';
import { keyRoutes } from './keys.ts';
import { lockRoutes } from './locks.ts';
import { pathClaimRoutes } from './path-claims.ts';
import { projectRoutes } from './projects.ts';
import { queueRoutes } from './queues.ts';
import { replayRoutes } from './replay.ts';
import { rollbackConflictRoutes } from './rollback-conflicts.ts';
import { rollbackMonitoringRoutes } from './rollback-monitoring.ts';
import { scheduleRoutes } from './schedules.ts';
import { sessionVerbRoutes } from './session-verbs.ts';
import { sessionRoutes } from './sessions.ts';
import { type SystemParts, systemRoutes } from './system.ts';
import { taskClaimRoutes } from './task-claims.ts';
import { taskRoutes } from './tasks.ts';
import { threadRoutes } from './threads.ts';
import { workspaceRoutes } from './workspaces.ts';

/** Every route of the contract but the event stream. */
export function allRoutes(serve: Serve, core: Core, audit: AuditTrail, system: SystemParts): void {
  sessionRoutes(serve, core.sessions);
  sessionVerbRoutes(serve, core.sessions);
  journalRoutes(serve, core.journal);
  replayRoutes(serve, core);
  taskRoutes(serve, core.database, core.tasks);
  taskClaimRoutes(serve, core.tasks);
  deadLetterRoutes(serve, core.tasks.deadLetters);
  agentRoutes(serve, core.agents, core.tasks);
  queueRoutes(serve, core.queues, core.etas);
  scheduleRoutes(serve, core.schedules);
  lockRoutes(serve, core.locks);
  pathClaimRoutes(serve, core.pathClaims);
  conflictRoutes(serve, core.conflicts);
  rollbackConflictRoutes(serve, core);
  rollbackMonitoringRoutes(serve, core.rollbackMonitor);
  threadRoutes(serve, core.threads);
  workspaceRoutes(serve, core.workspaces);
  projectRoutes(serve, core.projects);
  keyRoutes(serve, core.keys);
  auditRoutes(serve, core.database, audit);
  systemRoutes(serve, system);
}
