import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';

const MEASURES = ['tokens', 'costUsd', 'seconds', 'toolCalls'] as const;
export type Measure = (typeof MEASURES)[number];

const limitsSchema = z
  .strictObject({
    /** Of all kinds. */
    tokens: z.int().positive(),
    costUsd: z.number().positive().max(1e9),
    /** Of running, pauses left out. */
    seconds: z.int().positive(),
    toolCalls: z.int().positive(),
  })
  .partial()
  .refine((limits) => Object.keys(limits).length > 0, 'must name tokens, costUsd, seconds or toolCalls');

const spendingSchema = z.object({
  tokens: z.number(),
  costUsd: z.number(),
  seconds: z.number(),
  toolCalls: z.number(),
});
export type Spending = z.infer<typeof spendingSchema>;

/** Whose spending counts: all of the project's, a session's with all below it, or of what an agent runs. */
function ownerOf<Id extends z.ZodType>(sessionId: Id) {
  return z.discriminatedUnion('scope', [
    z.strictObject({ scope: z.literal('project') }),
    z.strictObject({ scope: z.literal('session'), sessionId }),
    z.strictObject({
      scope: z.literal('agent'),
      agent: z
        .string()
        .min(1)
        .max(100)
        .regex(/^[^\0]*$/, 'must not contain NUL characters'),
    }),
  ]);
}

const periodSchema = z.enum(['total', 'day', 'month']);
const warningShareSchema = z.number().gt(0).max(1);

export const createBudgetSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1-63 lower-case letters, digits or dashes'),
  owner: ownerOf(uuidSchema),
  limits: limitsSchema,
  /** Days and months of UTC. */
  period: periodSchema.default('total'),
  /** Share of a limit from which it is warned of. */
  warningShare: warningShareSchema.default(0.8),
});
export type CreateBudget = z.input<typeof createBudgetSchema>;

/** `limits` replaces all limits; what is left out stays. */
export const updateBudgetSchema = z
  .strictObject({ limits: limitsSchema, period: periodSchema, warningShare: warningShareSchema })
  .partial();
export type UpdateBudget = z.input<typeof updateBudgetSchema>;

/** A budget as stored, sent and shown. */
export const budgetSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  owner: ownerOf(z.string()),
  limits: limitsSchema,
  period: periodSchema,
  warningShare: z.number(),
  /** In this period until now. */
  spent: spendingSchema,
  createdBy: z.string(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Budget = z.infer<typeof budgetSchema>;

/**
 * Measures that are used up, and those of which it is time to warn. Tokens, cost and time are used up where their limit
 * is reached. Tool calls are counted before they run, so the last one of a limit still may.
 */
export function standingOf({ limits, warningShare, spent }: Pick<Budget, 'limits' | 'warningShare' | 'spent'>): {
  usedUp: Measure[];
  near: Measure[];
} {
  const limited = MEASURES.filter((measure) => limits[measure] !== undefined);
  const limitOf = (measure: Measure) => limits[measure] ?? Number.POSITIVE_INFINITY;
  return {
    usedUp: limited.filter((measure) =>
      measure === 'toolCalls' ? spent[measure] > limitOf(measure) : spent[measure] >= limitOf(measure),
    ),
    near: limited.filter((measure) => spent[measure] >= limitOf(measure) * warningShare),
  };
}
