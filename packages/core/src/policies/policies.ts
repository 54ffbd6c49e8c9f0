import { decide } from './decide.ts';
import type { CallFacts, DecidingPolicy, PolicyDecision } from './decision.ts';
import { examineCall } from './examine-call.ts';

/** Decides tool calls by the policies of their projects. */
export class Policies {
  readonly #inForce: (facts: CallFacts) => Promise<DecidingPolicy[]>;

  /** @param inForce the policies that apply to a call, in their order. */
  constructor(inForce: (facts: CallFacts) => Promise<DecidingPolicy[]>) {
    this.#inForce = inForce;
  }

  /** What the policies say of a call; a project without any allows everything. Changes nothing. */
  async decide(facts: CallFacts): Promise<PolicyDecision> {
    const policies = await this.#inForce(facts);
    return decide(policies, await examineCall(facts, policies));
  }
}
