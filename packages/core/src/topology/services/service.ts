import { z } from 'zod';
import { criticalitySchema, serviceKeySchema } from '../terms.ts';

const nameSchema = z.string().trim().min(1).max(200);
const teamSchema = z.string().trim().min(1).max(200).nullable();
const metadataSchema = z.record(z.string(), z.unknown());

/** A service (DEP-001), as stored, sent and shown. */
export const serviceSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  key: z.string(),
  name: z.string(),
  criticality: criticalitySchema,
  team: z.string().nullable(),
  metadata: metadataSchema,
  /** Known only because something named it; nobody has described it yet. */
  discovered: z.boolean(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Service = z.infer<typeof serviceSchema>;

export const createServiceSchema = z.strictObject({
  key: serviceKeySchema,
  /** The key, where it is left out. */
  name: nameSchema.optional(),
  criticality: criticalitySchema.default('medium'),
  team: teamSchema.default(null),
  metadata: metadataSchema.default({}),
});
export type CreateService = z.input<typeof createServiceSchema>;

/** What is left out stays. */
export const updateServiceSchema = z
  .strictObject({ name: nameSchema, criticality: criticalitySchema, team: teamSchema, metadata: metadataSchema })
  .partial();
export type UpdateService = z.input<typeof updateServiceSchema>;

/** What a source says of a service; what it leaves out stays as it is. */
export const statedServiceSchema = updateServiceSchema.extend({ key: serviceKeySchema });
export type StatedService = z.infer<typeof statedServiceSchema>;
