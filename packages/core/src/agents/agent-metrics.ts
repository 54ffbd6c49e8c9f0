import { z } from 'zod';
import { AGENT_STATUSES } from './agent.ts';

/** How a project's agents do (COORD-05, 70…72, CLU-008). What nothing is known of is null (GEN-08). */
export const agentMetricsSchema = z.object({
  totalAgents: z.int(),
  /** On duty and heard of: `active` and `busy`. */
  activeAgents: z.int(),
  deadAgentCount: z.int(),
  byStatus: z.record(z.enum(AGENT_STATUSES), z.int()),
  /** Ready to be claimed. */
  queuedTasks: z.int(),
  /** Held by somebody, registered or not. */
  runningTasks: z.int(),
  /** Completed by agents of the project, those that are gone included. */
  completedTasks: z.int(),
  /** Over and not well: failed for good, or dead. */
  failedTasks: z.int(),
  /** Milliseconds from claim to completion over all completed tasks; null where there are none (COORD-71). */
  averageTaskDuration: z.number().nullable(),
  load: z.int(),
  /** Of agents that are neither dead nor in maintenance. */
  capacity: z.int(),
  /** Load over capacity; 0 without capacity (COORD-70). */
  systemLoad: z.number(),
  handoffCount: z.int(),
});
export type AgentMetrics = z.infer<typeof agentMetricsSchema>;
