import { z } from 'zod';
import { approvalTermsSchema } from '../approvals/index.ts';

/** From least to most strict; `warn` is no end: it is recorded, and the next rule is looked at. */
export const policyEffectSchema = z.enum(['allow', 'deny', 'require_approval', 'warn']);
export type PolicyEffect = z.infer<typeof policyEffectSchema>;

const textSchema = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !text.includes('\0'), 'must not contain NUL characters');

/** A pattern: `*` stands for any characters, `?` for one. */
const patternSchema = textSchema(500);
const patternsSchema = z.array(patternSchema).min(1).max(200);
/** Globs with `**`, relative to the workspace; absolute ones begin with a slash. */
const globsSchema = z.array(textSchema(1000)).min(1).max(200);

/** One shell command among those of a call. All that is given must hold. */
export const commandMatchSchema = z.strictObject({
  /** By base name, or where a pattern holds a slash by path. */
  programs: patternsSchema,
  /** Each is found among the arguments; `-rf` also counts as `-r` and `-f`. */
  allArguments: patternsSchema.optional(),
  /** At least one is found among the arguments. */
  anyArgument: patternsSchema.optional(),
});
export type CommandMatch = z.infer<typeof commandMatchSchema>;

/** Files that a call writes, by their real paths. */
export const pathMatchSchema = z
  .strictObject({
    inside: globsSchema.optional(),
    /** Holds for what none of these matches. */
    outside: globsSchema.optional(),
  })
  .refine(({ inside, outside }) => inside ?? outside, 'needs inside, outside or both');

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const clockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day as HH:MM');

/** A window that ends before it begins goes past midnight and belongs to the day on which it begins. */
export const timeMatchSchema = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1).optional(),
  from: clockSchema.default('00:00'),
  /** Not included; the same as `from` means the whole day. */
  to: clockSchema.default('00:00'),
  timeZone: z.string().refine(isTimeZone, 'is no time zone; use a name such as Europe/Berlin').default('UTC'),
});
export type TimeMatch = z.infer<typeof timeMatchSchema>;

export const spentSchema = z.strictObject({
  tokens: z.number().nonnegative().optional(),
  costUsd: z.number().nonnegative().optional(),
  seconds: z.number().nonnegative().optional(),
  toolCalls: z.number().nonnegative().optional(),
});

export const reachSchema = z.enum(['low', 'medium', 'high', 'critical', 'unknown']);
export type Reach = z.infer<typeof reachSchema>;

/** What a rule is about: all that is given must hold; nothing given matches every call. */
export const ruleMatchSchema = z.strictObject({
  runtimes: patternsSchema.optional(),
  tools: patternsSchema.optional(),
  commands: z.array(commandMatchSchema).min(1).max(200).optional(),
  paths: pathMatchSchema.optional(),
  taskTypes: patternsSchema.optional(),
  /** One of them is a tag of the session. */
  labels: patternsSchema.optional(),
  agents: patternsSchema.optional(),
  agentRoles: patternsSchema.optional(),
  time: timeMatchSchema.optional(),
  /** The session has used at least as much of each. */
  spent: spentSchema.optional(),
  /** What is not known is `unknown`. */
  reach: z.array(reachSchema).min(1).optional(),
});
export type RuleMatch = z.infer<typeof ruleMatchSchema>;

const idSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1-63 lower-case letters, digits or dashes');

export const policyRuleSchema = z
  .strictObject({
    /** Unique within the policy. */
    id: idSchema,
    name: textSchema(200),
    match: ruleMatchSchema,
    effect: policyEffectSchema,
    /** Only where the effect is `require_approval`; what is left out is by default. */
    approval: approvalTermsSchema.optional(),
  })
  .refine(({ effect, approval }) => approval === undefined || effect === 'require_approval', {
    path: ['approval'],
    message: 'belongs to rules with the effect require_approval',
  });
export type PolicyRule = z.infer<typeof policyRuleSchema>;

/** What becomes of a call while the server cannot be asked: it passes, or is refused. */
export const unreachableSchema = z.enum(['allow', 'deny']);
export type Unreachable = z.infer<typeof unreachableSchema>;

/** Rules in their order, and what holds where none of them decides. Unknown fields are refused, with their path. */
export const policyDocumentSchema = z.strictObject({
  name: idSchema,
  description: textSchema(2000).nullable().default(null),
  rules: z
    .array(policyRuleSchema)
    .max(500)
    .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'must have ids of their own'),
  /** `next` leaves it to the next policy; after the last one everything is allowed. */
  default: z.enum(['allow', 'deny', 'require_approval', 'next']),
  /** What becomes of calls of agents that people started themselves while nobody can be asked. */
  unreachable: unreachableSchema.default('allow'),
});
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
export type PolicyDocumentInput = z.input<typeof policyDocumentSchema>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
