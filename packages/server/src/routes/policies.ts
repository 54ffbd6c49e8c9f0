import { type Policies, parseInput, policyDocumentSchema } from '@signalbox/core';
import * as contract from '../contract/policies.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage } from './numbered-page.ts';

export function policyRoutes(serve: Serve, policies: Policies): void {
  serve(contract.listPolicies, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => policies.list(projectId, page, pageSize)),
  );
  serve(contract.createPolicy, ({ body }, { projectId, actor }) => policies.create(projectId, body, actor));
  serve(contract.validatePolicy, async ({ body }) => parseInput(policyDocumentSchema, body));
  serve(contract.dryRunPolicies, ({ body }, { projectId }) => policies.dryRun(projectId, body));
  serve(contract.explainPolicies, ({ body }, { projectId }) => policies.explain(projectId, body));
  serve(contract.getPolicy, ({ params }, { projectId }) => policies.get(projectId, params.policy));
  serve(contract.listPolicyVersions, ({ params, query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => policies.versions(projectId, params.policy, page, pageSize)),
  );
  serve(contract.updatePolicy, ({ params, body, version }, { projectId, actor }) =>
    policies.update(projectId, params.policy, version, body, actor),
  );
  serve(contract.deletePolicy, ({ params, version }, { projectId, actor }) =>
    policies.remove(projectId, params.policy, version, actor),
  );
}
