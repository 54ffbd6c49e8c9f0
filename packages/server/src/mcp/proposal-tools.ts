import { analyseProposalSchema, securityScanSchema, validateSchema } from '@signalbox/core';
import { z } from 'zod';
import { analyseProposal, scanSecurity, validateProposal } from '../contract/proposals.ts';
import { READS, type Tool, textOf, tool } from './tool.ts';

/** What agents ask of a change before they make it. */
export const PROPOSAL_TOOLS: readonly Tool[] = [
  tool({
    name: 'analyse_proposal',
    title: 'See what a proposed change would break',
    description: textOf(analyseProposal),
    input: analyseProposalSchema,
    output: analyseProposal.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(analyseProposal, { body }),
  }),
  tool({
    name: 'validate_code',
    title: 'See whether code holds',
    description: textOf(validateProposal),
    input: z.strictObject(validateSchema.shape),
    output: validateProposal.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(validateProposal, { body }),
  }),
  tool({
    name: 'security_scan',
    title: 'See findings in code and packages',
    description: textOf(scanSecurity),
    input: securityScanSchema,
    output: scanSecurity.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(scanSecurity, { body }),
  }),
];
