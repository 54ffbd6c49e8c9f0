import {
  type AskedCall,
  decideCall,
  type PolicyDocumentInput,
  policyDocumentSchema,
  type RunnerParts,
} from '@signalbox/core';

/** Policies that stand in no database: what this document says holds for every call. */
export function statedPolicies(input: PolicyDocumentInput): RunnerParts['policies'] {
  const document = policyDocumentSchema.parse(input);
  return {
    decide: async ({ spent, ...call }: AskedCall) =>
      decideCall([{ id: 'p1', version: 1, document }], { ...call, spent: await spent() }),
  };
}
