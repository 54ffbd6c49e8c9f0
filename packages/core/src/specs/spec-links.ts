import { z } from 'zod';
import { levelSchema, type SpecLink, specLinkTypeSchema } from '../knowledge/index.ts';
import { specIdSchema } from './spec.ts';

const linkedSchema = {
  /** What has to do with it: code, a test, a document, or for REQUIRES another specification. */
  entityId: specIdSchema,
  /**
   * IMPLEMENTS_SPEC: the entity does what is wanted. VALIDATES: the entity, a test, tells whether that is so. REQUIRES: the specification cannot be
   * without the entity. IMPACTS: what becomes of the specification matters to the entity.
   */
  type: specLinkTypeSchema,
};

const linkSchema = z
  .strictObject({
    ...linkedSchema,
    /** Which criteria it is about; none: the specification as a whole. */
    acceptanceCriteriaIds: z.array(z.string().min(1).max(100)).max(200).default([]),
    impactLevel: levelSchema.optional(),
    priority: levelSchema.optional(),
    rationale: z.string().min(1).max(4_000).optional(),
    ownerTeam: z.string().min(1).max(200).optional(),
    confidence: z.number().min(0).max(1).optional(),
  })
  // A test tells whether something is so; the graph has no place for more with it.
  .refine(({ type, impactLevel, priority }) => type !== 'VALIDATES' || (impactLevel ?? priority) === undefined, {
    message: 'VALIDATES has neither impactLevel nor priority; leave them out',
  });

/** What a specification is tied to, and what any more not. */
export const linkSpecSchema = z
  .strictObject({
    links: z.array(linkSchema).max(1_000).default([]),
    unlink: z.array(z.strictObject(linkedSchema)).max(1_000).default([]),
  })
  .refine(({ links, unlink }) => links.length + unlink.length > 0, 'must link or unlink something');
export type LinkSpec = z.input<typeof linkSpecSchema>;

type Linked = z.output<z.ZodObject<typeof linkedSchema>>;

/** From code and tests to the specification; from the specification to what it requires and what it matters to. */
export function endsOf(specId: string, { entityId, type }: Linked): { fromEntityId: string; toEntityId: string } {
  return type === 'REQUIRES' || type === 'IMPACTS'
    ? { fromEntityId: specId, toEntityId: entityId }
    : { fromEntityId: entityId, toEntityId: specId };
}

/** As the graph takes it. */
export function asEdge(specId: string, link: z.output<typeof linkSchema>): Record<string, unknown> {
  const { entityId, type, impactLevel, priority, acceptanceCriteriaIds, ...terms } = link;
  return {
    type,
    ...endsOf(specId, { entityId, type }),
    ...(impactLevel === undefined ? {} : { impactLevel }),
    ...(priority === undefined ? {} : { priority }),
    metadata: { ...terms, ...(acceptanceCriteriaIds.length > 0 ? { acceptanceCriteriaIds } : {}) },
  };
}

/** What is at the other end of a link of a specification. */
export function otherEnd(specId: string, { fromEntityId, toEntityId }: SpecLink): string {
  return fromEntityId === specId ? toEntityId : fromEntityId;
}
