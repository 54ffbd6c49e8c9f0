import type { Core } from '@signalbox/core';
import * as contract from '../contract/topology.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage, wholePage } from './numbered-page.ts';

export function topologyRoutes(serve: Serve, { topology, approvals }: Pick<Core, 'topology' | 'approvals'>): void {
  const { services, dependencies, cycles, reach } = topology;
  serve(contract.ingestTopology, ({ body }, { projectId, actor }) => topology.ingest(projectId, body, actor));
  serve(contract.importTopology, ({ body }, { projectId, actor }) => topology.import(projectId, body, actor));
  serve(contract.ingestTraces, ({ body }, { projectId, actor }) => topology.observe(projectId, body, actor));
  serve(contract.getServiceMap, ({ query }, { projectId }) => topology.map(projectId, query));
  serve(contract.traverseTopology, ({ body }, { projectId }) => topology.traverse(projectId, body));

  serve(contract.measureReach, ({ body }, { projectId }) => reach.ofPaths(projectId, body));
  serve(contract.getSessionReach, ({ params }, { projectId }) => reach.ofSession(projectId, params.id));
  serve(contract.getApprovalReach, async ({ params }, { projectId }) =>
    reach.ofApproval(await approvals.get(projectId, params.id)),
  );
  serve(contract.listConflictReaches, async ({ query }, { projectId }) => ({
    items: await reach.ofConflicts(projectId, query.ids),
  }));
  serve(contract.listCodeRules, async (_given, { projectId }) => wholePage(await reach.rules(projectId)));
  serve(contract.deleteCodeRule, ({ params }, { projectId, actor }) => reach.removeRule(projectId, params.id, actor));

  serve(contract.listServices, ({ query: { team, criticality, discovered, ...query } }, { projectId }) =>
    numberedPage(query, (page, size) => services.list(projectId, { team, criticality, discovered }, page, size)),
  );
  serve(contract.createService, ({ body }, { projectId, actor }) => services.create(projectId, body, actor));
  serve(contract.getService, ({ params }, { projectId }) => services.get(projectId, params.service));
  serve(contract.updateService, ({ params, body, version }, { projectId, actor }) =>
    services.update(projectId, params.service, version, body, actor),
  );
  serve(contract.deleteService, ({ params, version }, { projectId, actor }) =>
    services.remove(projectId, params.service, version, actor),
  );

  serve(contract.listServiceDependencies, ({ query: { page, pageSize, ...filter } }, { projectId }) =>
    numberedPage({ page, pageSize }, (number, size) => dependencies.list(projectId, filter, number, size)),
  );
  serve(contract.getServiceDependency, ({ params }, { projectId }) => dependencies.get(projectId, params.id));
  serve(contract.deleteServiceDependency, ({ params }, { projectId, actor }) =>
    dependencies.remove(projectId, params.id, actor),
  );
  serve(contract.markDependenciesStale, async ({ body }, { projectId, actor }) => ({
    marked: await dependencies.markStale(projectId, new Date(body.before), body.discoverySources ?? null, actor),
  }));

  serve(contract.listCycleAlerts, ({ query: { status = null, ...query } }, { projectId }) =>
    numberedPage(query, (page, size) => cycles.list(projectId, status, page, size)),
  );
  serve(contract.detectCycles, (_given, { projectId }) => cycles.detect(projectId));
  serve(contract.getCycleAlert, ({ params }, { projectId }) => cycles.get(projectId, params.id));
  serve(contract.acknowledgeCycle, ({ params, version }, { projectId, actor }) =>
    cycles.acknowledge(projectId, params.id, version ?? null, actor),
  );
  serve(contract.resolveCycle, ({ params, body, version }, { projectId, actor }) =>
    cycles.resolve(projectId, params.id, version ?? null, body ?? {}, actor),
  );
}
