import { z } from 'zod';
import { detectedSchema } from '../cycles/detect-cycles.ts';
import { statedDependencySchema } from '../dependencies/dependency.ts';
import { statedCodeRuleSchema } from '../reach/code-rule.ts';
import { statedServiceSchema } from '../services/service.ts';
import { discoverySourceSchema, environmentSchema, momentSchema } from '../terms.ts';

/** Most services, and most dependencies, that one call may bring. */
export const MOST_AT_ONCE = 20_000;

/** What sources say of the map: what every importer comes to, and what anybody else may send (DEP-015). */
export const mapStatementSchema = z.strictObject({
  /** Who says it, where a dependency does not say so itself. */
  discoverySource: discoverySourceSchema.default('manual'),
  /** Of what, where a dependency does not say so itself; null: of every environment. */
  environment: environmentSchema.default(null),
  /** When it was seen, where a dependency does not say so itself; now, where it is left out. */
  at: momentSchema.optional(),
  services: z.array(statedServiceSchema).max(MOST_AT_ONCE).default([]),
  dependencies: z.array(statedDependencySchema).max(MOST_AT_ONCE).default([]),
  codeRules: z.array(statedCodeRuleSchema).max(MOST_AT_ONCE).default([]),
});
export type MapStatement = z.input<typeof mapStatementSchema>;

export const ingestedMapSchema = z.object({
  services: z.object({
    added: z.int(),
    /** Of those added: named by a dependency only. */
    discovered: z.int(),
    changed: z.int(),
  }),
  dependencies: z.object({
    added: z.int(),
    changed: z.int(),
    /** Seen again, and nothing else. */
    observed: z.int(),
  }),
  codeRules: z.object({ added: z.int() }),
  cycles: detectedSchema,
});
export type IngestedMap = z.infer<typeof ingestedMapSchema>;
