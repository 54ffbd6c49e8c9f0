import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { AnalysedProposal, AnalyseProposal, ValidateProposal, Validation } from '../types.ts';

/** Changes before they are made: what they would break, and whether the code would hold. */
export function proposalMethods({ http }: Transport) {
  return {
    analyse: (proposal: AnalyseProposal, options: CallOptions = {}): Promise<AnalysedProposal> =>
      answerOf(http.POST('/api/v1/proposals/analyse', { body: proposal, ...options })),
    validate: (what: ValidateProposal, options: CallOptions = {}): Promise<Validation> =>
      answerOf(http.POST('/api/v1/proposals/validate', { body: what, ...options })),
  };
}
