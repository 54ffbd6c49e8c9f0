import {
  CAPTURE_FIELDS,
  type CaptureStores,
  parseListQuery,
  type Sessions,
  SignalboxError,
  WORKSPACE_CHANGE_FIELDS,
  type WorkspaceChanges,
  type Workspaces,
} from '@signalbox/core';
import * as contract from '../contract/changes.ts';
import type { Serve } from '../http/serve.ts';

export function changeRoutes(
  serve: Serve,
  {
    workspaceChanges,
    captureStores,
    workspaces,
    sessions,
  }: { workspaceChanges: WorkspaceChanges; captureStores: CaptureStores; workspaces: Workspaces; sessions: Sessions },
): void {
  const sessionOf = async (projectId: string, id: string) => {
    if (!(await sessions.get(projectId, id))) throw new SignalboxError('SESSION_NOT_FOUND', { id });
    return id;
  };
  serve(contract.listSessionChanges, async ({ params, query }, { projectId }) => {
    const sessionId = await sessionOf(projectId, params.id);
    return workspaceChanges.list(projectId, parseListQuery(WORKSPACE_CHANGE_FIELDS, query), { sessionId });
  });
  serve(contract.getSessionDiff, async ({ params, query }, { projectId }) =>
    workspaceChanges.diff(projectId, await sessionOf(projectId, params.id), query),
  );
  serve(contract.listWorkspaceChanges, async ({ params, query }, { projectId }) => {
    const { id: workspaceId } = await workspaces.get(projectId, params.id);
    return workspaceChanges.list(projectId, parseListQuery(WORKSPACE_CHANGE_FIELDS, query), { workspaceId });
  });
  serve(contract.listWorkspaceCaptures, ({ params, query }, { projectId }) =>
    workspaceChanges.captures(projectId, params.id, parseListQuery(CAPTURE_FIELDS, query)),
  );
  serve(contract.getWorkspaceStorage, ({ params }, { projectId }) => captureStores.usage(projectId, params.id));
  serve(contract.getWorkspaceBlame, ({ params, query }, { projectId }) =>
    workspaceChanges.blame(projectId, params.id, query.path),
  );
}
