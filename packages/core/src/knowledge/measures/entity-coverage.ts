import { z } from 'zod';
import type { KnownEntity, KnownRelationship } from '../history/timeline.ts';
import { testTypeOf } from '../indexers/test-file.ts';
import { type CoverageMetrics, coverageMetricsSchema } from '../vocabulary/test-entity.ts';

const breakdownSchema = coverageMetricsSchema.nullable();

/** KG-285. What no report says is null or left out. */
export const entityCoverageSchema = z.object({
  entityId: z.string(),
  /** Of all that ran it, the one that covers the most: reports do not say whether two ran the same lines. */
  overallCoverage: breakdownSchema,
  testBreakdown: z.object({
    unitTests: breakdownSchema,
    integrationTests: breakdownSchema,
    e2eTests: breakdownSchema,
  }),
  /** Lines that no suite ran. Null where no report names any lines of it: they name those of files. */
  uncoveredLines: z.array(z.int()).nullable(),
  /** No format that is taken says which branches these are. */
  uncoveredBranches: z.array(z.int()).nullable(),
  testCases: z.array(z.object({ testId: z.string(), testName: z.string(), covers: z.array(z.string()) })),
});
export type EntityCoverage = z.infer<typeof entityCoverageSchema>;

/**
 * What tests run of an entity.
 * @param covering COVERAGE_PROVIDES to it. @param testing TESTS and VALIDATES to it or to what it declares
 */
export function coverageOf(
  entityId: string,
  covering: readonly KnownRelationship[],
  testing: readonly KnownRelationship[],
  known: ReadonlyMap<string, KnownEntity>,
): EntityCoverage {
  const byType = (type: string) =>
    covering.filter(({ fromEntityId }) => suiteType(String(fromEntityId), known) === type);
  const missed = covering.flatMap(({ metadata }) => {
    const { uncoveredLines } = (metadata ?? {}) as { uncoveredLines?: unknown };
    return Array.isArray(uncoveredLines) ? [new Set(uncoveredLines as number[])] : [];
  });
  const [first] = missed;
  const covers = new Map<string, Set<string>>();
  for (const { fromEntityId, toEntityId } of testing) {
    const id = String(fromEntityId);
    covers.set(id, (covers.get(id) ?? new Set()).add(String(toEntityId)));
  }
  return {
    entityId,
    overallCoverage: best(covering),
    testBreakdown: {
      unitTests: best(byType('unit')),
      integrationTests: best(byType('integration')),
      e2eTests: best(byType('e2e')),
    },
    uncoveredLines:
      first === undefined
        ? null
        : [...first].filter((line) => missed.every((set) => set.has(line))).sort((a, b) => a - b),
    uncoveredBranches: null,
    testCases: [...covers]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([testId, ids]) => ({
        testId,
        testName: nameOf(testId, known.get(testId)),
        covers: [...ids].sort(),
      })),
  };
}

function best(covering: readonly KnownRelationship[]): CoverageMetrics | null {
  const all = covering.map(({ coverage }) => coverageMetricsSchema.parse(coverage ?? {}));
  if (all.length === 0) return null;
  const most = (kind: keyof CoverageMetrics) => {
    const values = all.flatMap((metrics) => metrics[kind] ?? []);
    return values.length === 0 ? {} : { [kind]: Math.max(...values) };
  };
  return { ...most('lines'), ...most('branches'), ...most('functions'), ...most('statements') };
}

/** A test file that ran alone is a suite as well. */
function suiteType(id: string, known: ReadonlyMap<string, KnownEntity>): string {
  const entity = known.get(id)?.entity;
  return typeof entity?.testType === 'string' ? entity.testType : testTypeOf(String(entity?.path ?? id));
}

function nameOf(id: string, known: KnownEntity | undefined): string {
  const { metadata, path } = (known?.entity ?? {}) as { metadata?: { name?: unknown }; path?: unknown };
  if (typeof metadata?.name === 'string') return metadata.name;
  return typeof path === 'string' && path !== '' ? path : id;
}
