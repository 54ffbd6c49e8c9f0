import type { Transaction } from '../platform/database/index.ts';

/** What agents need of locks. Filled by whoever furnishes the house. */
export interface AgentLocks {
  /** Takes all locks of an agent away; answers how many there were. */
  releaseFor(tx: Transaction, projectId: string, holder: { agentId: string }): Promise<number>;
  /** Makes the locks of a session another agent's, with new tokens; answers how many there were. */
  handOver(tx: Transaction, projectId: string, sessionId: string, toAgentId: string): Promise<number>;
}
