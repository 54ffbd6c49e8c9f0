import {
  analysedProposalSchema,
  analyseProposalSchema,
  entityCoverageSchema,
  entityPerformanceSchema,
  scannedSchema,
  securityScanSchema,
  validateSchema,
  validationSchema,
  vulnerabilityReportSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { queryText } from './query-values.ts';

const change = {
  file: 'src/tax.ts',
  type: 'modify',
  lineStart: 2,
  lineEnd: 2,
  newContent: '  return 2;\n',
} as const;
const workspaceId = '0197a1b2-0000-7000-8000-000000000000';

export const analyseProposal = operation({
  id: 'analyseProposal',
  method: 'POST',
  path: '/proposals/analyse',
  tag: 'proposals',
  summary: 'What a proposed change would break',
  description:
    'What of the code changes, what depends on that, with the tests and specifications of all that. Nothing is written. A proposal that does not fit the files as they are is refused.',
  role: 'agent',
  body: analyseProposalSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 200, about: 'What it would break, as far as the graph knows.', schema: analysedProposalSchema },
  example: { workspaceId, description: 'Round up', changes: [change] },
});

export const validateProposal = operation({
  id: 'validateProposal',
  method: 'POST',
  path: '/proposals/validate',
  tag: 'proposals',
  summary: 'Whether code holds, as it is or as it is proposed',
  description:
    'The compiler reads files, or the text that is proposed for them, which is written nowhere; tests, coverage and findings are those of reports that were imported; circles of imports are those of the graph. The linter of the workspace runs only where the server is set to (`validation.linters`). A check that could not run says why, and has not passed.',
  role: 'agent',
  body: validateSchema,
  bodyCheckedByRoom: true,
  largeBody: true,
  answer: { status: 200, about: 'What each check came to.', schema: validationSchema },
  example: { workspaceId, files: ['src/tax.ts'], includeTypes: ['typescript', 'architecture'] },
});

export const scanSecurity = operation({
  id: 'scanSecurity',
  method: 'POST',
  path: '/graph/security/scan',
  tag: 'graph',
  summary: 'Findings in code, and advisories about packages',
  description:
    'Of what was imported (SARIF, npm audit, OSV); nothing is scanned anew. What is accepted, no finding at all, or fixed is told apart.',
  role: 'viewer',
  body: securityScanSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'What is open, the most severe first.', schema: scannedSchema },
  example: { severity: ['critical', 'high'] },
});

export const reportVulnerabilities = operation({
  id: 'reportVulnerabilities',
  method: 'GET',
  path: '/graph/security/vulnerabilities',
  tag: 'graph',
  summary: 'Advisories about packages, and what to do about them',
  role: 'viewer',
  answer: { status: 200, about: 'Each open advisory once.', schema: vulnerabilityReportSchema },
});

export const getGraphEntityCoverage = operation({
  id: 'getGraphEntityCoverage',
  method: 'GET',
  path: '/graph/entity/coverage',
  tag: 'graph',
  summary: 'What tests run of an entity',
  role: 'viewer',
  query: z.strictObject({ id: queryText.min(1).max(2_000).describe('Id of the entity.') }),
  answer: { status: 200, about: 'As far as reports of coverage say.', schema: entityCoverageSchema },
});

export const getGraphEntityPerformance = operation({
  id: 'getGraphEntityPerformance',
  method: 'GET',
  path: '/graph/entity/performance-summary',
  tag: 'graph',
  summary: 'How fast an entity is, in a few figures',
  description: 'Of a test its own runs, of other code the runs of the tests that try it. What no run has told is null.',
  role: 'viewer',
  query: z.strictObject({ id: queryText.min(1).max(2_000).describe('Id of the entity.') }),
  answer: { status: 200, about: 'As far as runs are remembered.', schema: entityPerformanceSchema },
});
