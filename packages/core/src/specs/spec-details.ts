import { z } from 'zod';
import { entityCoverageSchema, levelSchema, specLinkSchema, specLinkTypeSchema } from '../knowledge/index.ts';
import { specCheckSchema } from './check-spec.ts';
import { specSchema, specStatusSchema } from './spec.ts';

/** What making or changing a specification answers (KG-280). */
export const checkedSpecSchema = z.object({ specId: z.string(), spec: specSchema, validationResults: specCheckSchema });
export type CheckedSpec = z.infer<typeof checkedSpecSchema>;

/** A specification with all that is tied to it (KG-281). */
export const specDetailsSchema = z.object({
  spec: specSchema,
  relatedSpecs: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      status: specStatusSchema,
      priority: levelSchema,
      type: specLinkTypeSchema,
      /** `outgoing`: this one requires, or matters to, that one. */
      direction: z.enum(['outgoing', 'incoming']),
    }),
  ),
  /** Code and documents that implement it, or that it matters to. */
  affectedEntities: z.array(
    z.object({
      id: z.string(),
      /** Null for what is named, and of which nobody says more. */
      type: z.string().nullable(),
      name: z.string().nullable(),
      path: z.string().nullable(),
      link: specLinkSchema,
    }),
  ),
  /** Hashes of commits that were made for it. */
  commits: z.array(z.string()),
  testCoverage: z.object({
    criteria: z.array(
      z.object({
        id: z.string(),
        text: z.string(),
        /** Ids of tests that tell of it. */
        tests: z.array(z.string()),
        /** Whether one of these passed when it ran last. */
        passing: z.boolean(),
      }),
    ),
    tests: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        path: z.string().nullable(),
        type: z.enum(['unit', 'integration', 'e2e']),
        status: z.enum(['passing', 'failing', 'skipped', 'unknown']),
        /** None: nobody said of which criterion it tells. */
        criteria: z.array(z.string()),
        /** Code of the specification that it tests. */
        tests: z.array(z.string()),
      }),
    ),
    /** What tests run of its code (KG-285). */
    code: z.array(entityCoverageSchema),
  }),
  validationResults: specCheckSchema,
});
export type SpecDetails = z.infer<typeof specDetailsSchema>;
