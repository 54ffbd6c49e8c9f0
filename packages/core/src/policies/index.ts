export type { CallFacts, PolicyDecision, RuleRef } from './decision.ts';
export { Policies } from './policies.ts';
export {
  type PolicyDocument,
  type PolicyDocumentInput,
  type PolicyEffect,
  type PolicyRule,
  policyDocumentSchema,
  policyEffectSchema,
} from './policy.ts';
