import { type Projects, SignalboxError } from '@signalbox/core';
import type { Principal } from '../auth/principal.ts';
import * as contract from '../contract/projects.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage, wholePage } from './numbered-page.ts';

export function projectRoutes(serve: Serve, projects: Projects): void {
  serve(contract.listProjects, async ({ query }, { principal }) =>
    principal.bound
      ? wholePage([await projects.get(principal.project)])
      : numberedPage(query, (page, pageSize) => projects.list(page, pageSize)),
  );
  serve(contract.createProject, async ({ body }, { principal, actor }) => {
    if (principal.bound) throw forbidden(principal, 'create projects with a key bound to one');
    return projects.create(body, actor);
  });
  serve(contract.getProject, async ({ params }, { principal }) => seen(projects, params.slugOrId, principal));
  serve(contract.updateProject, async ({ params, body, version }, { principal, actor }) => {
    const { id } = await seen(projects, params.slugOrId, principal);
    return projects.update(id, version, body, actor);
  });
}

/** A key sees its own project; others are to it as if they were not. */
async function seen(projects: Projects, slugOrId: string, principal: Principal) {
  const project = await projects.get(slugOrId);
  if (principal.bound && project.id !== principal.project && project.slug !== principal.project) {
    throw new SignalboxError('PROJECT_NOT_FOUND', { project: slugOrId });
  }
  return project;
}

function forbidden(principal: Principal, action: string): SignalboxError {
  return new SignalboxError('FORBIDDEN', { role: principal.role, action, needed: ['admin of all projects'] });
}
