import { z } from 'zod';
import { levelSchema } from './terms.ts';

/** Relationships that have to do with a specification; of VALIDATES those of a test. */
export const SPEC_LINK_TYPES = ['IMPLEMENTS_SPEC', 'REQUIRES', 'IMPACTS', 'VALIDATES'] as const;
export const specLinkTypeSchema = z.enum(SPEC_LINK_TYPES);
export type SpecLinkType = z.infer<typeof specLinkTypeSchema>;

const text = z.string().optional().catch(undefined);
/** What such a relationship says in its metadata (KG-274). Whoever wrote it may have written anything: what is no such word is passed over. */
const termsSchema = z.object({
  acceptanceCriteriaId: text,
  acceptanceCriteriaIds: z.array(z.string()).optional().catch(undefined),
  rationale: text,
  ownerTeam: text,
  confidence: z.number().min(0).max(1).optional().catch(undefined),
  status: text,
});

/** A relationship to a specification, read. */
export const specLinkSchema = z.object({
  type: specLinkTypeSchema,
  fromEntityId: z.string(),
  toEntityId: z.string(),
  impactLevel: levelSchema.nullable(),
  priority: levelSchema.nullable(),
  /** None: it is about the specification as a whole. */
  acceptanceCriteriaIds: z.array(z.string()),
  rationale: z.string().nullable(),
  ownerTeam: z.string().nullable(),
  confidence: z.number().nullable(),
  status: z.string().nullable(),
});
export type SpecLink = z.infer<typeof specLinkSchema>;

/** Null for a relationship of another type. */
export function readSpecLink(edge: Readonly<Record<string, unknown>>): SpecLink | null {
  const type = specLinkTypeSchema.safeParse(edge.type);
  if (!type.success) return null;
  const terms = termsSchema.safeParse(edge.metadata ?? {}).data ?? {};
  const level = (value: unknown) => levelSchema.safeParse(value).data ?? null;
  return {
    type: type.data,
    fromEntityId: String(edge.fromEntityId),
    toEntityId: String(edge.toEntityId),
    impactLevel: level(edge.impactLevel),
    priority: level(edge.priority),
    acceptanceCriteriaIds: [...new Set([terms.acceptanceCriteriaIds ?? [], terms.acceptanceCriteriaId ?? []].flat())],
    rationale: terms.rationale ?? null,
    ownerTeam: terms.ownerTeam ?? null,
    confidence: terms.confidence ?? null,
    status: terms.status ?? null,
  };
}
