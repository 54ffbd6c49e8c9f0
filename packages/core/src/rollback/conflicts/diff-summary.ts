import { readDomainPath } from '../diff/index.ts';
import type { ResolutionStrategy } from './conflict-resolution.ts';
import type { RollbackConflict } from './rollback-conflict.ts';
import type { DiffMetadata, DiffSeverity, VisualDiffSummary } from './visual-diff.ts';

/** Percent of similarity; all are strict (RB-152, RB-153). */
const CRITICAL_BELOW = 30;
const MEDIUM_BELOW = 60;
const AUTO_ABOVE = 50;
const MERGE_ABOVE = 80;
/** Lines. */
const AUTO_BELOW = 20;

/** What a person needs to know before looking closer (RB-152 to RB-155). */
export function summarise(conflict: RollbackConflict, { similarity, totalLines }: DiffMetadata): VisualDiffSummary {
  const severity = severityOf(conflict, similarity);
  const autoResolvable = severity !== 'critical' && similarity > AUTO_ABOVE && totalLines < AUTO_BELOW;
  return {
    severity,
    autoResolvable,
    recommendedStrategy: recommended(autoResolvable, similarity),
    reason: reasonFor(conflict, severity, similarity),
    impact: impactOf(conflict),
  };
}

/** RB-152, first match; also what decides whether a conflict is critical elsewhere (RB-211). */
function severityOf({ type }: RollbackConflict, similarity: number): DiffSeverity {
  if (type === 'type_mismatch') return 'high';
  if (similarity < CRITICAL_BELOW) return 'critical';
  return similarity < MEDIUM_BELOW ? 'medium' : 'low';
}

function recommended(autoResolvable: boolean, similarity: number): ResolutionStrategy {
  if (!autoResolvable) return 'ask_user';
  return similarity > MERGE_ABOVE ? 'merge' : 'overwrite';
}

function reasonFor({ type }: RollbackConflict, severity: DiffSeverity, similarity: number): string {
  const percent = `${Math.round(similarity)} %`;
  if (severity === 'critical') return `Hardly anything is the same (${percent}): look at both sides before you decide.`;
  if (severity === 'high') return `This is a conflict of type ${type}: the two sides are not of one kind.`;
  if (similarity > MERGE_ABOVE) return `The two sides are nearly the same (${percent}) and can be merged.`;
  return `The two sides are the same in part (${percent}): check what would be lost.`;
}

function impactOf({ path, context }: RollbackConflict): VisualDiffSummary['impact'] {
  return {
    entities: named(path, 'entity', context?.entities),
    relationships: named(path, 'relationship', context?.relationships),
    dependencies: texts(context?.dependencies),
  };
}

/** The id that the path names, and those that the context lists; each once. */
function named(path: string, type: 'entity' | 'relationship', listed: unknown): string[] {
  const place = readDomainPath(path);
  return [...new Set([...(place?.type === type ? [place.key] : []), ...texts(listed)])];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
