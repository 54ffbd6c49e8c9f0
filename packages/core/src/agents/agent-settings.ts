import { z } from 'zod';
import { queueNameSchema } from '../tasks/index.ts';
import { checkStrategy, STRATEGY_TYPES } from './strategies/index.ts';

const MAX_SECONDS = 86_400;

/** How a project treats its agents (COORD-06, 07). Times in seconds. */
const fields = {
  /** How often agents are asked to be heard. */
  heartbeatInterval: z.number().positive().max(MAX_SECONDS),
  /** Silence after which one is dead, if it has also missed `maxMissedHeartbeats` whole intervals (COORD-61). */
  heartbeatTimeout: z.number().positive().max(MAX_SECONDS),
  maxMissedHeartbeats: z.int().min(1).max(1_000),
  /** Whether the dead are called once more, `recoveryDelay` seconds later (COORD-62). */
  enableAutoRecovery: z.boolean(),
  recoveryDelay: z.number().nonnegative().max(MAX_SECONDS),
  /** Queues whose tasks are given to agents by the strategy; from all others agents claim for themselves. */
  assignQueues: z.array(queueNameSchema).max(100),
  strategy: z.strictObject({
    type: z.enum(STRATEGY_TYPES),
    config: z.record(z.string(), z.number()).default({}),
  }),
  /** How long records of handoffs are kept (COORD-45). */
  handoffDays: z.int().min(1).max(3_650),
};

export const agentSettingsSchema = z.object({
  projectId: z.string(),
  ...fields,
  version: z.int(),
  updatedAt: z.iso.datetime(),
});
export type AgentSettings = z.infer<typeof agentSettingsSchema>;

/** The longest that a claim may last without being renewed (design.md §4), in seconds. */
const MAX_LEASE_SECONDS = 600;

/** How long claims of agents last that do not say: as long as they may be silent. */
export function leaseSecondsOf({ heartbeatTimeout }: Pick<AgentSettings, 'heartbeatTimeout'>): number {
  return Math.min(heartbeatTimeout, MAX_LEASE_SECONDS);
}

/** Any subset; a field that is undefined stays as it was (GEN-06). */
export const updateAgentSettingsSchema = z
  .strictObject({
    ...fields,
    assignQueues: fields.assignQueues.transform((queues) => [...new Set(queues)].sort()),
    strategy: fields.strategy.superRefine(({ type, config }, context) => {
      const problem = checkStrategy(type, config);
      if (problem) context.addIssue({ code: 'custom', message: problem, path: ['config'] });
    }),
  })
  .partial();
export type UpdateAgentSettings = z.input<typeof updateAgentSettingsSchema>;
