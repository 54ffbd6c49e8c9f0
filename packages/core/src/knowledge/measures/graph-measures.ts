import type { Database } from '../../platform/database/index.ts';
import { parseInput } from '../../platform/errors/index.ts';
import { readKnownEntities } from '../history/known-store.ts';
import type { KnownRelationship } from '../history/timeline.ts';
import { relationshipQuerySchema } from '../queries/relationship-query.ts';
import { queryRelationships } from '../queries/relationship-query-store.ts';
import { RELATIONSHIP_FAMILIES, type RelationshipType } from '../vocabulary/relationship-type.ts';
import { coverageOf, type EntityCoverage } from './entity-coverage.ts';
import { type EntityPerformance, performanceSummary } from './entity-performance.ts';

/** Edges of one entity that are looked at. */
const MOST_EDGES = 1_000;

/** What is known to be wrong with some code. */
export interface CodeTroubles {
  /** Titles of open findings. */
  findings: string[];
  /** What is to become better. */
  slow: string[];
}

/** What was measured of the code: what tests run of it, how long that takes, and what scanners found. */
export class GraphMeasures {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** KG-285. Of a file its symbols' tests count, too. */
  async coverage(projectId: string, entityId: string): Promise<EntityCoverage> {
    const [one] = await this.coverages(projectId, [entityId]);
    return one as EntityCoverage;
  }

  /** {@link coverage} of each, in their order. */
  async coverages(projectId: string, entityIds: readonly string[]): Promise<EntityCoverage[]> {
    const own = new Map<string, string[]>(entityIds.map((id) => [id, [id]]));
    for (const { fromEntityId, toEntityId } of await this.#edges(projectId, entityIds, 'from', ['CONTAINS', 'DEFINES']))
      own.get(String(fromEntityId))?.push(String(toEntityId));
    const all = [...new Set([...own.values()].flat())];
    const tests = await this.#edges(projectId, all, 'to', ['TESTS', 'VALIDATES']);
    const covering = await this.#edges(projectId, entityIds, 'to', ['COVERAGE_PROVIDES']);
    const ends = [...tests, ...covering].map(({ fromEntityId }) => String(fromEntityId));
    const known = await readKnownEntities(this.#database, projectId, [...new Set(ends)], null);
    return entityIds.map((id) => {
      const ids = new Set(own.get(id));
      const testing = tests.filter(({ toEntityId }) => ids.has(String(toEntityId)));
      return coverageOf(
        id,
        covering.filter(({ toEntityId }) => toEntityId === id),
        testing,
        known,
      );
    });
  }

  /** KG-284. Of a file what tries its symbols counts, too. */
  async performance(projectId: string, entityId: string): Promise<EntityPerformance> {
    const declared = await this.declared(projectId, [entityId]);
    const tests = await this.#edges(projectId, [entityId, ...declared], 'to', ['TESTS', 'VALIDATES']);
    const ids = new Set([entityId, ...tests.map(({ fromEntityId }) => String(fromEntityId))]);
    const known = await readKnownEntities(this.#database, projectId, [...ids], null);
    const own = known.get(entityId);
    const counted = own?.entity.type === 'test' ? [own] : [...known.values()].filter((one) => one !== own);
    const [to, from] = [
      await this.#edges(projectId, [entityId], 'to', [...RELATIONSHIP_FAMILIES.performance]),
      await this.#edges(projectId, [entityId], 'from', [...RELATIONSHIP_FAMILIES.performance]),
    ];
    return performanceSummary(entityId, counted, [...to, ...from]);
  }

  /** Ids of what files and modules declare. */
  async declared(projectId: string, entityIds: readonly string[]): Promise<string[]> {
    const edges = await this.#edges(projectId, entityIds, 'from', ['CONTAINS', 'DEFINES']);
    return edges.map(({ toEntityId }) => String(toEntityId));
  }

  /** What is known to be wrong with code: open findings, and times that became worse or are too long. */
  async troubles(projectId: string, entityIds: readonly string[]): Promise<Map<string, CodeTroubles>> {
    const found = new Map<string, CodeTroubles>();
    const of = (id: unknown) => {
      const troubles = found.get(String(id)) ?? { findings: [], slow: [] };
      found.set(String(id), troubles);
      return troubles;
    };
    const issues = await this.#edges(projectId, entityIds, 'from', ['HAS_SECURITY_ISSUE']);
    const ids = issues.map(({ toEntityId }) => String(toEntityId));
    const known = await readKnownEntities(this.#database, projectId, ids, null);
    for (const { fromEntityId, toEntityId } of issues) {
      const issue = known.get(String(toEntityId))?.entity;
      if (issue?.status === 'open') of(fromEntityId).findings.push(String(issue.title));
    }
    const times = await this.#edges(projectId, entityIds, 'to', ['PERFORMANCE_REGRESSION', 'PERFORMANCE_IMPACT']);
    for (const { type, toEntityId, metricId, currentValue, unit } of times) {
      const what = type === 'PERFORMANCE_REGRESSION' ? 'is as fast as before' : 'is faster than now';
      of(toEntityId).slow.push(`${metricId} ${what}: it was ${currentValue} ${unit ?? ''}`.trim());
    }
    return found;
  }

  async #edges(
    projectId: string,
    ids: readonly string[],
    end: 'from' | 'to',
    type: RelationshipType[],
  ): Promise<KnownRelationship[]> {
    const found: KnownRelationship[] = [];
    for (let n = 0; n < ids.length; n += 200) {
      const some = ids.slice(n, n + 200);
      const ends = end === 'from' ? { fromEntityId: some } : { toEntityId: some };
      const query = parseInput(relationshipQuerySchema, { ...ends, type, limit: MOST_EDGES });
      for (let offset = 0; ; offset += MOST_EDGES) {
        const page = await queryRelationships(this.#database, projectId, { ...query, offset });
        found.push(...page.relationships);
        if (offset + MOST_EDGES >= page.total) break;
      }
    }
    return found;
  }
}
