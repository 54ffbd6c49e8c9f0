import type { Specs } from '@signalbox/core';
import * as contract from '../contract/specs.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage } from './numbered-page.ts';

export function specRoutes(serve: Serve, specs: Specs): void {
  serve(contract.listSpecs, ({ query: { page, pageSize, ...filter } }, { projectId }) =>
    numberedPage({ page, pageSize }, (number, size) => specs.list(projectId, filter, number, size)),
  );
  serve(contract.createSpec, ({ body }, { projectId, actor }) => specs.create(projectId, body, actor));
  serve(contract.getSpec, ({ params }, { projectId }) => specs.get(projectId, params.spec));
  serve(contract.updateSpec, ({ params, body, version }, { projectId, actor }) =>
    specs.update(projectId, params.spec, version, body, actor),
  );
  serve(contract.linkSpec, ({ params, body }, { projectId, actor }) => specs.link(projectId, params.spec, body, actor));
  serve(contract.planSpecTests, ({ params, body }, { projectId }) => specs.testPlan(projectId, params.spec, body));
}
