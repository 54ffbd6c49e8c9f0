export {
  type AnalysedProposal,
  type AnalyseProposal,
  analysedProposalSchema,
  analyseProposalSchema,
} from './proposal.ts';
export { Proposals } from './proposals.ts';
export { LINTERS, type Linter } from './validation/lint-check.ts';
export { type Validate, type Validation, validateSchema, validationSchema } from './validation/validation.ts';
