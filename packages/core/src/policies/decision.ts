import type { ApprovalTerms } from '../approvals/index.ts';
import type { PolicyDocument, Reach } from './policy.ts';

/** What is known of a tool call before it runs. */
export interface CallFacts {
  projectId: string;
  sessionId: string;
  runtime: string | null;
  agent: string | null;
  agentRole: string | null;
  taskType: string | null;
  /** The session's tags. */
  labels: readonly string[];
  /** Absolute real path of the directory in which the agent works. */
  workspacePath: string;
  tool: string;
  arguments: Readonly<Record<string, unknown>>;
  at: Date;
  /** By the session until now. */
  spent: { tokens: number; costUsd: number; seconds: number; toolCalls: number };
  /** How far the change reaches; null where nobody says. */
  reach?: Reach | null;
}

/** A call whose cost so far is looked up only where a policy may ask for it. */
export type AskedCall = Omit<CallFacts, 'spent'> & { spent: () => Promise<CallFacts['spent']> };

export interface RuleRef {
  policyId: string;
  version: number;
  ruleId: string;
  name: string;
}

export interface PolicyDecision {
  effect: 'allow' | 'deny' | 'require_approval';
  /** The rule that decided; null where it was a default. */
  rule: RuleRef | null;
  /** Rules with the effect `warn` that matched, each once. */
  warnings: RuleRef[];
  /** Null unless approval is required. */
  approval: ApprovalTerms | null;
  /** One line per rule looked at, for each part of the call. */
  explanation: string[];
  /** Simple commands found in the call, where a rule asked for them. */
  commands: string[];
}

/** A policy as it takes part in a decision. */
export interface DecidingPolicy {
  id: string;
  version: number;
  document: PolicyDocument;
}
