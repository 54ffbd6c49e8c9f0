import { z } from 'zod';
import { capabilitiesSchema, capabilitySchema } from './capability.ts';

/** What people decided about an agent; any may follow any. */
export const AGENT_DUTIES = ['active', 'draining', 'maintenance'] as const;
export type AgentDuty = (typeof AGENT_DUTIES)[number];

/** What its silence says of it. */
export const AGENT_LIVENESSES = ['alive', 'suspected', 'dead'] as const;
export type AgentLiveness = (typeof AGENT_LIVENESSES)[number];

/** The machine of liveness; the database holds the same one and enforces it. */
const LIVENESS_TRANSITIONS: Readonly<Record<AgentLiveness, readonly AgentLiveness[]>> = {
  /** `dead` at once where nobody looked while it was suspect. */
  alive: ['suspected', 'dead'],
  suspected: ['alive', 'dead'],
  /** By a heartbeat, a claim or a new registration (COORD-12). */
  dead: ['alive'],
};

export function canChangeLiveness(from: AgentLiveness, to: AgentLiveness): boolean {
  return LIVENESS_TRANSITIONS[from].includes(to);
}

/** What an agent may say of itself (COORD-02). */
export const SAID_STATUSES = ['active', 'busy', 'idle'] as const;

/**
 * How an agent stands, made of its duty, its liveness, what it says, and its load (COORD-02, 13), the first that applies:
 *
 * - `dead`: silent for too long; its tasks went back. A heartbeat revives it.
 * - `maintenance`: taken out by people. It takes nothing new and its silence means nothing.
 * - `suspected`: silent for two intervals. It keeps its tasks and gets no new ones.
 * - `draining`: finishes what it has and takes nothing new.
 * - `busy`: its load has reached its maximum, or it says so.
 * - `idle`: it says so.
 * - `active`.
 *
 * Only `active` and `idle` are eligible for new work. `busy` is never stored: it ends with the load that made it.
 */
export const AGENT_STATUSES = ['active', 'busy', 'idle', 'draining', 'suspected', 'maintenance', 'dead'] as const;
export const agentStatusSchema = z.enum(AGENT_STATUSES);
export type AgentStatus = z.infer<typeof agentStatusSchema>;

/** Whether an agent that stands so may get new work (COORD-02). */
export function isEligible(status: AgentStatus): boolean {
  return status === 'active' || status === 'idle';
}

const textSchema = z.string().refine((text) => !text.includes('\0'), 'must not contain NUL characters');
/** Names that stand for something else where agents are spoken of by name. */
const RESERVED = ['handoffs', 'metrics', 'settings'];
export const agentIdSchema = textSchema
  .pipe(z.string().trim().min(1).max(100))
  .refine((id) => !id.includes('/'), 'must not contain a slash')
  .refine((id) => !RESERVED.includes(id), `must not be one of ${RESERVED.join(', ')}`);

/** An agent, as stored, sent and shown (COORD-01). */
export const agentSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  type: z.string(),
  capabilities: z.array(capabilitySchema),
  /** Higher is preferred; strategies assume 0 to 10. */
  priority: z.number(),
  status: agentStatusSchema,
  duty: z.enum(AGENT_DUTIES),
  liveness: z.enum(AGENT_LIVENESSES),
  /** The tasks it holds, and what it said it does besides. */
  load: z.int().nonnegative(),
  maxLoad: z.int().positive(),
  /** Live claims. */
  held: z.int().nonnegative(),
  /** What it said it does besides; null while it has said nothing. */
  reportedLoad: z.int().nonnegative().nullable(),
  /** Of the tasks it holds. */
  currentSessions: z.array(z.string()),
  /** Null when it has not been heard of since the database began to listen. */
  lastHeartbeat: z.iso.datetime().nullable(),
  metadata: z.record(z.string(), z.json()),
  totalTasksCompleted: z.int(),
  /** Attempts that failed, or were lost by its silence. */
  totalTasksFailed: z.int(),
  /** Milliseconds from claim to completion over all completed tasks; 0 where there are none. */
  totalTaskDuration: z.number(),
  /** Mean of them; null where there are none (GEN-08). */
  averageTaskDuration: z.number().nullable(),
  /** Failed of all ended attempts, 0 to 1 (COORD-43); 0 where there are none. */
  errorRate: z.number(),
  deadAt: z.iso.datetime().nullable(),
  recovery: z.enum(['attempted', 'failed']).nullable(),
  version: z.int(),
  registeredAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Agent = z.infer<typeof agentSchema>;

export const registerAgentSchema = z.strictObject({
  id: agentIdSchema,
  type: textSchema.pipe(z.string().trim().min(1).max(100)).default('agent'),
  capabilities: capabilitiesSchema.default([]),
  priority: z.number().min(0).max(100).default(5),
  maxLoad: z.int().min(1).max(2_000).default(1),
  /** What it does besides the tasks it holds here, which are counted by themselves. */
  load: z.int().nonnegative().max(1_000_000).default(0),
  status: z.enum([...SAID_STATUSES, 'maintenance']).default('active'),
  metadata: z.record(z.string(), z.json()).default({}),
});
export type RegisterAgent = z.input<typeof registerAgentSchema>;

const claimRefSchema = z.strictObject({ taskId: z.guid(), token: z.int().positive() });

export const agentHeartbeatSchema = z.strictObject({
  /** As at registration; left out it stays as it was. */
  load: z.int().nonnegative().max(1_000_000).optional(),
  status: z.enum(SAID_STATUSES).optional(),
  /** Merged into what there is, field by field. */
  metadata: z.record(z.string(), z.json()).optional(),
  /** All that it still works on: renewed in the same call. With it, tasks it was given and does not name are told again. */
  claims: z.array(claimRefSchema).max(2_000).optional(),
  /** How long its claims last from now; default the time after which a silent agent is dead. */
  leaseSeconds: z.number().min(1).max(600).optional(),
});
export type Heartbeat = z.input<typeof agentHeartbeatSchema>;
