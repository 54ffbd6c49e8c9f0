import { z } from 'zod';

/** From the least to the most. */
export const CRITICALITIES = ['low', 'medium', 'high', 'critical'] as const;
export const criticalitySchema = z.enum(CRITICALITIES);
export type Criticality = z.infer<typeof criticalitySchema>;

/** The higher of both. */
export function higher(one: Criticality, other: Criticality): Criticality {
  return CRITICALITIES.indexOf(one) >= CRITICALITIES.indexOf(other) ? one : other;
}

/** The name by which traces, catalogs and people know a service: its business id (DEP-001). */
export const serviceKeySchema = z
  .string()
  .regex(/^[^\s\p{Cc}]{1,200}$/u, 'must be 1 to 200 characters without spaces')
  .refine((key) => key.isWellFormed(), 'must not contain half surrogate pairs');

/** Null: in every environment. */
export const environmentSchema = z
  .string()
  .regex(/^[^\s\p{Cc}]{1,100}$/u, 'must be 1 to 100 characters without spaces')
  .refine((name) => name.isWellFormed(), 'must not contain half surrogate pairs')
  .nullable();

/** Where a dependency was learned of, such as `opentelemetry` or `backstage`. */
export const discoverySourceSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes');

/** As ISO 8601 with an offset; kept in UTC. */
export const momentSchema = z.iso.datetime({ offset: true });
