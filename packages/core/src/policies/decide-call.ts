import { decide } from './decide.ts';
import type { CallFacts, DecidingPolicy, PolicyDecision } from './decision.ts';
import { examineCall } from './examine-call.ts';

/** What these policies, in their order, say of a call. Without any it is allowed. */
export async function decideCall(policies: readonly DecidingPolicy[], facts: CallFacts): Promise<PolicyDecision> {
  return decide(policies, await examineCall(facts, policies));
}
