import type { ApiKeys, IdempotencyKeys, Journal, Projects, Workspaces } from '@signalbox/core';
import type { Serve } from '../http/serve.ts';
import { journalRoutes } from './journal.ts';
import { keyRoutes } from './keys.ts';
import { projectRoutes } from './projects.ts';
import { workspaceRoutes } from './workspaces.ts';

/** What the routes use of core. */
export interface ApiCore {
  projects: Projects;
  keys: ApiKeys;
  workspaces: Workspaces;
  journal: Journal;
  idempotency: IdempotencyKeys;
}

export function allRoutes(serve: Serve, core: ApiCore): void {
  projectRoutes(serve, core.projects);
  keyRoutes(serve, core.keys);
  workspaceRoutes(serve, core.workspaces);
  journalRoutes(serve, core.journal);
}
