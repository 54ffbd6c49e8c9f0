import { createHash } from 'node:crypto';
import type { KnownEntity } from '../knowledge/index.ts';
import { canonicalJson } from '../platform/content/index.ts';
import { criterionId } from './criterion.ts';
import { type Spec, specSchema } from './spec.ts';

/** A specification as an entity of the graph; null for what is none, or is gone. */
export function asSpec(known: KnownEntity | undefined): Spec | null {
  if (known?.entity.type !== 'spec' || known.validTo !== null) return null;
  const { entity, version } = known;
  const criteria = entity.acceptanceCriteria as string[];
  return specSchema.parse({
    ...entity,
    goals: entity.goals ?? [],
    acceptanceCriteriaIds: criteria.map(criterionId),
    assignee: entity.assignee ?? null,
    tags: entity.tags ?? [],
    path: entity.path === '' ? null : entity.path,
    created: new Date(String(entity.created)).toISOString(),
    updated: new Date(String(entity.updated)).toISOString(),
    version,
  });
}

/** The entity that says it. Its hash is of what is wanted, so that each change of that is a version of it. */
export function asEntity(spec: Omit<Spec, 'version' | 'acceptanceCriteriaIds'>): Record<string, unknown> {
  const { assignee, path, created, updated, ...told } = spec;
  const said = { ...told, ...(assignee === null ? {} : { assignee }) };
  return {
    ...said,
    type: 'spec',
    path: path ?? '',
    language: 'text',
    hash: createHash('sha256').update(canonicalJson(said)).digest('hex'),
    created,
    updated,
    lastModified: updated,
  };
}
