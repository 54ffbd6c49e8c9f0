import type { Workspaces } from '@signalbox/core';
import * as contract from '../contract/workspaces.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage, wholePage } from './numbered-page.ts';

export function workspaceRoutes(serve: Serve, workspaces: Workspaces): void {
  serve(contract.listWorkspaces, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => workspaces.list(projectId, page, pageSize)),
  );
  serve(contract.createWorkspace, ({ body }, { projectId, actor }) => workspaces.create(projectId, body, actor));
  serve(contract.getWorkspace, ({ params }, { projectId }) => workspaces.get(projectId, params.id));
  serve(contract.updateWorkspace, ({ params, body, version }, { projectId, actor }) =>
    workspaces.update(projectId, params.id, version, body, actor),
  );
  serve(contract.deleteWorkspace, ({ params, version }, { projectId, actor }) =>
    workspaces.delete(projectId, params.id, version, actor),
  );
  serve(contract.listWorkspaceFiles, async ({ params, query }, { projectId }) =>
    wholePage(await workspaces.listFiles(projectId, params.id, query.path)),
  );
  serve(contract.readWorkspaceFile, ({ params, query }, { projectId }) =>
    workspaces.readFile(projectId, params.id, query.path),
  );
}
