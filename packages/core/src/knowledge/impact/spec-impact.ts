import { z } from 'zod';
import type { KnownEntity, KnownRelationship } from '../history/timeline.ts';
import { readSpecLink, type SpecLink, specLinkSchema } from '../vocabulary/spec-link.ts';
import { LEVELS, type Level, levelSchema } from '../vocabulary/terms.ts';

const STATUSES = ['draft', 'approved', 'implemented', 'deprecated', 'unknown'] as const;
const statusSchema = z.enum(STATUSES);
const levelOrNull = levelSchema.nullable();
const byLevel = z.object({ critical: z.int(), high: z.int(), medium: z.int(), low: z.int() });

export const relatedSpecSchema = z.object({
  /** As any entity of an impact, so that lists of these need not be read otherwise. */
  id: z.string(),
  type: z.string().nullable(),
  name: z.string().nullable(),
  path: z.string().nullable(),
  specId: z.string(),
  /** Null where nothing but its id is known. */
  spec: z
    .object({
      id: z.string(),
      title: z.string(),
      priority: levelSchema,
      status: statusSchema,
      assignee: z.string().nullable(),
      tags: z.array(z.string()),
    })
    .nullable(),
  /** Its own; else the highest that a relationship to it says. */
  priority: levelOrNull,
  /** The highest that a relationship to it says; null where none does. */
  impactLevel: levelOrNull,
  status: statusSchema,
  ownerTeams: z.array(z.string()),
  /** Criteria that the relationships name. */
  acceptanceCriteriaIds: z.array(z.string()),
  relationships: z.array(specLinkSchema),
});
export type RelatedSpec = z.infer<typeof relatedSpecSchema>;

/** KG-274. */
export const specImpactSchema = z.object({
  relatedSpecs: z.array(relatedSpecSchema),
  /** What has to be looked at before the change is done: a specification whose code is deleted, renamed, or gets another signature. */
  requiredUpdates: z.array(
    z.object({ specId: z.string(), acceptanceCriteriaIds: z.array(z.string()), reason: z.string() }),
  ),
  summary: z.object({
    byPriority: byLevel,
    byImpactLevel: byLevel,
    statuses: z.object({
      draft: z.int(),
      approved: z.int(),
      implemented: z.int(),
      deprecated: z.int(),
      unknown: z.int(),
    }),
    /** How many criteria are named, each once for each specification. */
    acceptanceCriteriaReferences: z.int(),
    /** Drafts, and what is approved and not implemented yet. */
    pendingSpecs: z.int(),
  }),
});
export type SpecImpact = z.infer<typeof specImpactSchema>;

/**
 * Specifications that a change has to do with, from the relationships between them and what changes or is affected.
 * @param specIds which ends of these are specifications. @param breaking ids of what is deleted, renamed, or gets another signature
 */
export function specImpact(
  edges: Iterable<KnownRelationship>,
  specIds: ReadonlySet<string>,
  known: ReadonlyMap<string, KnownEntity>,
  breaking: ReadonlySet<string>,
): SpecImpact {
  const links = new Map<string, SpecLink[]>();
  for (const edge of edges) {
    const link = readSpecLink(edge);
    if (!link) continue;
    const specId = [link.toEntityId, link.fromEntityId].find((id) => specIds.has(id));
    if (specId !== undefined) links.set(specId, [...(links.get(specId) ?? []), link]);
  }
  const relatedSpecs = [...links]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, own]) => related(id, own, known.get(id)));
  const count = (of: (spec: RelatedSpec) => unknown, value: string) =>
    relatedSpecs.filter((spec) => of(spec) === value).length;
  const levels = (of: (spec: RelatedSpec) => Level | null) => ({
    critical: count(of, 'critical'),
    high: count(of, 'high'),
    medium: count(of, 'medium'),
    low: count(of, 'low'),
  });
  const ofStatus = (status: RelatedSpec['status']) => count((spec) => spec.status, status);
  return {
    relatedSpecs,
    requiredUpdates: relatedSpecs.flatMap((spec) => requiredUpdate(spec, breaking) ?? []),
    summary: {
      byPriority: levels(({ priority }) => priority),
      byImpactLevel: levels(({ impactLevel }) => impactLevel),
      statuses: {
        draft: ofStatus('draft'),
        approved: ofStatus('approved'),
        implemented: ofStatus('implemented'),
        deprecated: ofStatus('deprecated'),
        unknown: ofStatus('unknown'),
      },
      acceptanceCriteriaReferences: relatedSpecs.reduce((sum, one) => sum + one.acceptanceCriteriaIds.length, 0),
      pendingSpecs: ofStatus('draft') + ofStatus('approved'),
    },
  };
}

function related(id: string, links: readonly SpecLink[], known: KnownEntity | undefined): RelatedSpec {
  const {
    type = null,
    title,
    path,
    priority,
    status,
    assignee,
    tags,
  } = (known?.entity ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const own = levelSchema.safeParse(priority).data ?? null;
  const state = statusSchema.safeParse(status).data ?? 'unknown';
  const isSpec = type === 'spec' && own !== null;
  const names = Array.isArray(tags) ? tags.map(String) : [];
  return {
    ...{ id, type: text(type), name: text(title), path: text(path), specId: id },
    spec: isSpec
      ? { id, title: String(title), priority: own, status: state, assignee: text(assignee), tags: names }
      : null,
    priority: own ?? highest(links.map((link) => link.priority)),
    impactLevel: highest(links.map(({ impactLevel }) => impactLevel)),
    status: state,
    ownerTeams: [...new Set(links.flatMap(({ ownerTeam }) => ownerTeam ?? []))].sort(),
    acceptanceCriteriaIds: [...new Set(links.flatMap((link) => link.acceptanceCriteriaIds))].sort(),
    relationships: [...links].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  };
}

function requiredUpdate({ id, status, relationships }: RelatedSpec, breaking: ReadonlySet<string>) {
  const broken = relationships.filter(
    ({ type, fromEntityId }) => type === 'IMPLEMENTS_SPEC' && breaking.has(fromEntityId),
  );
  if (broken.length === 0 || status === 'deprecated') return null;
  const what = broken.map(({ fromEntityId }) => fromEntityId).join(', ');
  return {
    specId: id,
    acceptanceCriteriaIds: [...new Set(broken.flatMap(({ acceptanceCriteriaIds }) => acceptanceCriteriaIds))].sort(),
    reason: `What implements it is deleted, renamed, or gets another signature: ${what}.`,
  };
}

function highest(levels: readonly (Level | null)[]): Level | null {
  return LEVELS.find((level) => levels.includes(level)) ?? null;
}

function keyOf({ type, fromEntityId, toEntityId }: SpecLink): string {
  return `${type}\0${fromEntityId}\0${toEntityId}`;
}
