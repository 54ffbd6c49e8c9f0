export {
  type Budget,
  budgetSchema,
  type CreateBudget,
  createBudgetSchema,
  type Spending,
  type UpdateBudget,
  updateBudgetSchema,
} from './budgets/budget.ts';
export { Budgets } from './budgets/budgets.ts';
export { chargeBudgets } from './budgets/charge-budgets.ts';
export { decideCall } from './decide-call.ts';
export type { AskedCall, CallFacts, PolicyDecision, RuleRef } from './decision.ts';
export { filesWrittenBy } from './examine-call.ts';
export { Policies } from './policies.ts';
export {
  type PolicyDocument,
  type PolicyDocumentInput,
  type PolicyEffect,
  type PolicyRule,
  policyDocumentSchema,
  policyEffectSchema,
} from './policy.ts';
export { PolicyFiles } from './policy-files.ts';
export {
  type CreatePolicy,
  createPolicySchema,
  type Policy,
  type PolicyVersion,
  policySchema,
  policyVersionSchema,
  type UpdatePolicy,
  updatePolicySchema,
} from './stored-policy.ts';
export {
  type DryRun,
  type DryRunResult,
  dryRunResultSchema,
  dryRunSchema,
  type ExplainCall,
  explainCallSchema,
  policyDecisionSchema,
  ruleRefSchema,
} from './trial.ts';
