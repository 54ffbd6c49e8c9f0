import { z } from 'zod';
import type { Level } from '../vocabulary/terms.ts';

/** KG-273. Blocked exactly where the level is `required`; every level but `none` says why. */
export const deploymentGateSchema = z.object({
  blocked: z.boolean(),
  level: z.enum(['none', 'advisory', 'required']),
  reasons: z.array(z.string()),
  stats: z.object({ missingDocs: z.int(), staleDocs: z.int(), freshnessPenalty: z.number() }),
});
export type DeploymentGate = z.infer<typeof deploymentGateSchema>;

/** KG-275. */
export const recommendationSchema = z.object({
  priority: z.enum(['immediate', 'planned', 'optional']),
  description: z.string(),
  effort: z.enum(['low', 'medium', 'high']),
  impact: z.enum(['breaking', 'functional', 'cosmetic']),
  type: z.enum(['warning', 'requirement', 'suggestion']),
  /** Ids of what is to be looked at. */
  actions: z.array(z.string()),
});
export type Recommendation = z.infer<typeof recommendationSchema>;

/** What an analysis came to, by ids. */
export interface ImpactFindings {
  riskLevel: Level;
  /** How many entities change. */
  changed: number;
  affected: number;
  /** Whether something is deleted, renamed or gets another signature on which anything depends. */
  isBreaking: boolean;
  tests: readonly string[];
  testsToChange: readonly string[];
  untestedShare: number;
  staleDocs: readonly string[];
  missingDocs: readonly string[];
  specs: readonly string[];
  truncated: boolean;
}

/** Up to so many things are done in passing, and up to so many in a while. */
const FEW = 3;
const SOME = 20;
/** From this part on it counts as untested. */
const MOSTLY = 0.5;

/** Documents that will be wrong or are missing for each entity that changes, at most 1: how much less can be relied on them. */
export function freshnessPenalty({ changed, staleDocs, missingDocs }: ImpactFindings): number {
  return changed === 0 ? 0 : Math.min(1, (staleDocs.length + missingDocs.length) / changed);
}

/**
 * A breaking change that no test would notice, or that is critical, has to be looked at before it is deployed. What may be wrong otherwise, in
 * documents, specifications or by its risk, is said.
 */
export function deploymentGate(found: ImpactFindings): DeploymentGate {
  const { riskLevel, isBreaking, tests, staleDocs, missingDocs, specs, truncated } = found;
  const required = [
    ...(isBreaking && tests.length === 0 ? ['What depends on it breaks, and no test is known that would notice.'] : []),
    ...(riskLevel === 'critical' ? [`It breaks what ${found.affected} entities depend on.`] : []),
  ];
  const advisory = [
    ...(riskLevel === 'high' ? ['Its risk is high.'] : []),
    ...(staleDocs.length > 0 ? [`${counted(staleDocs.length, 'document')} may be wrong after it.`] : []),
    ...(missingDocs.length > 0 ? [`Of what others use ${missingDocs.length} have no document.`] : []),
    ...(specs.length > 0 ? [`It has to do with ${counted(specs.length, 'specification')}.`] : []),
    ...(truncated ? ['There may be more than was looked at.'] : []),
  ];
  const level = required.length > 0 ? 'required' : advisory.length > 0 ? 'advisory' : 'none';
  const stats = {
    missingDocs: missingDocs.length,
    staleDocs: staleDocs.length,
    freshnessPenalty: freshnessPenalty(found),
  };
  return { blocked: level === 'required', level, reasons: [...required, ...advisory], stats };
}

/** What is best done about it, the most urgent first. */
export function recommendations(found: ImpactFindings): Recommendation[] {
  const { tests, testsToChange, untestedShare, staleDocs, missingDocs, specs, isBreaking, affected } = found;
  const all: (Recommendation | null)[] = [
    recommend(
      testsToChange,
      ['immediate', 'breaking', 'requirement'],
      'Change the tests of what is deleted, renamed or gets another signature.',
    ),
    recommend(
      tests,
      ['immediate', 'functional', isBreaking ? 'requirement' : 'suggestion'],
      'Run the tests of what changes and of what depends on it.',
    ),
    affected > 0 && untestedShare >= MOSTLY
      ? recommend(
          [`${Math.round(untestedShare * 100)} %`],
          ['planned', 'functional', 'warning'],
          'Write tests: of most of what changes or is affected none is known.',
        )
      : null,
    recommend(specs, ['planned', 'functional', 'warning'], 'See whether the specifications still hold.'),
    recommend(staleDocs, ['planned', 'cosmetic', 'suggestion'], 'Bring the documents up to date.'),
    recommend(missingDocs, ['optional', 'cosmetic', 'suggestion'], 'Describe what others use and no document does.'),
  ];
  return all.filter((one) => one !== null);
}

type Kind = [Recommendation['priority'], Recommendation['impact'], Recommendation['type']];

function recommend(
  actions: readonly string[],
  [priority, impact, type]: Kind,
  description: string,
): Recommendation | null {
  if (actions.length === 0) return null;
  const effort = actions.length <= FEW ? 'low' : actions.length <= SOME ? 'medium' : 'high';
  return { priority, description, effort, impact, type, actions: [...actions] };
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
