import type { KnownEntity, SpecLink } from '../../knowledge/index.ts';

/** A test that the graph knows of, and what of a specification it tells. */
export interface CoveringTest {
  id: string;
  name: string;
  path: string | null;
  type: 'unit' | 'integration' | 'e2e';
  status: 'passing' | 'failing' | 'skipped' | 'unknown';
  /** Criteria that it tells of; none: of the specification, or of code of it, as a whole. */
  criteria: string[];
  /** Code of the specification that it tests; none where it is tied to the specification itself alone. */
  tests: string[];
}

/** An edge from a test to code. */
export interface TestEdge {
  testId: string;
  entityId: string;
}

/**
 * The tests of a specification: those that validate it, and those of code that implements it, each with the criteria that the ties between
 * name. What is tied to the specification without naming a criterion covers none of them: nobody said which.
 */
export function coveringTests(
  links: readonly SpecLink[],
  edges: readonly TestEdge[],
  known: ReadonlyMap<string, KnownEntity>,
): CoveringTest[] {
  const criteria = new Map<string, Set<string>>();
  const tested = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, id: string, values: readonly string[]) =>
    map.set(id, new Set([...(map.get(id) ?? []), ...values]));
  const implementing = new Map<string, string[]>();
  for (const { type, fromEntityId, acceptanceCriteriaIds } of links) {
    if (type === 'VALIDATES') add(criteria, fromEntityId, acceptanceCriteriaIds);
    if (type === 'IMPLEMENTS_SPEC') implementing.set(fromEntityId, acceptanceCriteriaIds);
  }
  for (const { testId, entityId } of edges) {
    add(criteria, testId, implementing.get(entityId) ?? []);
    add(tested, testId, [entityId]);
  }
  return [...criteria.keys()].sort().map((id) => {
    const entity = known.get(id)?.entity;
    const path = typeof entity?.path === 'string' && entity.path !== '' ? entity.path : null;
    const named = (entity?.metadata as { name?: unknown } | undefined)?.name;
    return {
      id,
      name: typeof named === 'string' ? named : (path ?? id),
      path,
      type: oneOf(entity?.testType, ['unit', 'integration', 'e2e']) ?? 'unit',
      status: oneOf(entity?.status, ['passing', 'failing', 'skipped', 'unknown']) ?? 'unknown',
      criteria: [...(criteria.get(id) ?? [])].sort(),
      tests: [...(tested.get(id) ?? [])].sort(),
    };
  });
}

function oneOf<Value extends string>(value: unknown, values: readonly Value[]): Value | null {
  return values.find((one) => one === value) ?? null;
}
