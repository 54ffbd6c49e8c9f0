import type { Knowledge, Proposals } from '@signalbox/core';
import * as contract from '../contract/proposals.ts';
import type { Serve } from '../http/serve.ts';

export function proposalRoutes(
  serve: Serve,
  { proposals, knowledge }: { proposals: Proposals; knowledge: Knowledge },
): void {
  serve(contract.analyseProposal, ({ body }, { projectId }) => proposals.analyse(projectId, body));
  serve(contract.validateProposal, ({ body }, { projectId }) => proposals.validate(projectId, body));
  serve(contract.scanSecurity, ({ body }, { projectId }) => knowledge.findings.scan(projectId, body));
  serve(contract.reportVulnerabilities, (_given, { projectId }) => knowledge.findings.vulnerabilities(projectId));
  serve(contract.getGraphEntityCoverage, async ({ query }, { projectId }) => {
    await knowledge.entity(projectId, query.id);
    return knowledge.measures.coverage(projectId, query.id);
  });
  serve(contract.getGraphEntityPerformance, async ({ query }, { projectId }) => {
    await knowledge.entity(projectId, query.id);
    return knowledge.measures.performance(projectId, query.id);
  });
}
