import { recordAudit } from '../audit/index.ts';
import {
  type EntityCoverage,
  type Knowledge,
  type KnownEntity,
  readSpecLink,
  relationshipId,
  SPEC_LINK_TYPES,
  type SpecLink,
} from '../knowledge/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database, Transaction } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { checkSpec, type SpecCheck } from './check-spec.ts';
import { criterionId } from './criterion.ts';
import {
  type CreateSpec,
  createSpecSchema,
  type ListSpecs,
  listSpecsSchema,
  type Spec,
  type UpdateSpec,
  updateSpecSchema,
} from './spec.ts';
import type { CheckedSpec, SpecDetails } from './spec-details.ts';
import { asEntity, asSpec } from './spec-entity.ts';
import { asEdge, endsOf, type LinkSpec, linkSpecSchema, otherEnd } from './spec-links.ts';
import { listSpecIds } from './spec-list-store.ts';
import { coveringTests } from './test-plans/covering-tests.ts';
import { type ImplementingCode, planTests } from './test-plans/plan-tests.ts';
import { type PlanTests, planTestsSchema, type TestPlan } from './test-plans/test-plan.ts';

/** Ties of one specification that are read at once. */
const LINKS_AT_ONCE = 1_000;

export interface SpecParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  knowledge: Knowledge;
}

/** What is wanted of the code: specifications, the code and the tests that are tied to them, and which tests are missing. */
export class Specs {
  readonly #parts: SpecParts;

  constructor(parts: SpecParts) {
    this.#parts = parts;
  }

  /** KG-280. @throws VALIDATION_FAILED, UNKNOWN_FIELD, SPEC_NOT_FOUND for a dependency */
  async create(projectId: string, input: CreateSpec, actor: string): Promise<CheckedSpec> {
    const { dependencies, ...wanted } = parseInput(createSpecSchema, input);
    const { database, knowledge, clock, ids } = this.#parts;
    const id = `spec:${ids.uuid()}`;
    const now = clock.now().toISOString();
    await database.transaction(async (tx) => {
      const graph = knowledge.within(tx);
      const held = await graph.held(projectId, dependencies);
      for (const dependency of dependencies) found(dependency, asSpec(held.get(dependency)));
      const entity = asEntity({ ...wanted, id, status: 'draft', path: null, created: now, updated: now });
      const relationships = dependencies.map((entityId) =>
        asEdge(id, { entityId, type: 'REQUIRES', acceptanceCriteriaIds: [] }),
      );
      await graph.ingest(projectId, { units: [{ unit: null, entities: [entity], relationships }] }, actor);
      const made = found(id, asSpec((await graph.held(projectId, [id])).get(id)));
      await record(tx, projectId, 'create', null, made, actor);
    });
    return this.#checked(projectId, id);
  }

  /** KG-281. @throws SPEC_NOT_FOUND */
  async get(projectId: string, id: string): Promise<SpecDetails> {
    const { knowledge } = this.#parts;
    const spec = await this.#spec(projectId, id);
    const links = await this.#links(projectId, id);
    const named = await knowledge.entities(
      projectId,
      links.map((link) => otherEnd(id, link)),
    );
    const coverage = await knowledge.measures.coverages(projectId, implementing(links));
    const tests = await this.#tests(projectId, links, coverage);
    const linked = links.map((link) => {
      const known = named.get(otherEnd(id, link));
      return { ...told(otherEnd(id, link), known), link };
    });
    return {
      spec,
      relatedSpecs: linked.flatMap(({ link, ...entity }) => {
        const other = asSpec(named.get(entity.id));
        if (!other) return [];
        const direction = link.fromEntityId === id ? ('outgoing' as const) : ('incoming' as const);
        const { status, priority, title } = other;
        return [{ id: entity.id, title, status, priority, type: link.type, direction }];
      }),
      affectedEntities: linked.filter(
        ({ id: other, link }) => link.type !== 'VALIDATES' && !isChange(other) && !asSpec(named.get(other)),
      ),
      commits: linked.flatMap(({ id: other }) => (isChange(other) ? [other.slice('change:'.length)] : [])),
      testCoverage: {
        criteria: spec.acceptanceCriteria.map((text, n) => {
          const criterion = spec.acceptanceCriteriaIds[n] ?? '';
          const own = tests.filter(({ criteria }) => criteria.includes(criterion));
          return { id: criterion, text, tests: own.map(({ id: test }) => test), passing: own.some(passes) };
        }),
        tests,
        code: coverage,
      },
      validationResults: await this.#check(projectId, spec, links, tests),
    };
  }

  /** KG-281. @throws VALIDATION_FAILED, UNKNOWN_FIELD */
  async list(
    projectId: string,
    input: ListSpecs,
    page: number,
    pageSize: number,
  ): Promise<{ items: Spec[]; total: number }> {
    const asked = parseInput(listSpecsSchema, input);
    const { database, knowledge } = this.#parts;
    const place = { limit: pageSize, offset: (page - 1) * pageSize };
    const { ids, total } = await listSpecIds(database, projectId, asked, place);
    const known = await knowledge.entities(projectId, ids);
    return { items: ids.flatMap((id) => asSpec(known.get(id)) ?? []), total };
  }

  /** KG-281. @throws VALIDATION_FAILED, UNKNOWN_FIELD, SPEC_NOT_FOUND, OPTIMISTIC_LOCK */
  async update(projectId: string, id: string, version: number, input: UpdateSpec, actor: string): Promise<CheckedSpec> {
    const changes = parseInput(updateSpecSchema, input);
    const { database, knowledge, clock } = this.#parts;
    await database.transaction(async (tx) => {
      const graph = knowledge.within(tx);
      const before = await heldAt(graph, projectId, id, version);
      const { version: _version, acceptanceCriteriaIds: _ids, ...stays } = before;
      const wanted = { ...stays, ...defined(changes) };
      // What is wanted is the same: nothing changes, and it is no newer.
      if (JSON.stringify(wanted) === JSON.stringify(stays)) return;
      const entity = asEntity({ ...wanted, updated: clock.now().toISOString() });
      await graph.ingest(projectId, { units: [{ unit: null, entities: [entity] }] }, actor);
      const after = found(id, asSpec((await graph.held(projectId, [id])).get(id)));
      await record(tx, projectId, 'update', before, after, actor);
    });
    return this.#checked(projectId, id);
  }

  /**
   * Ties code, tests and other specifications to one, or unties them. It changes no version of it: what is wanted stays the same.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, SPEC_NOT_FOUND, GRAPH_ENTITY_NOT_FOUND, SPEC_CRITERION_UNKNOWN
   */
  async link(projectId: string, id: string, input: LinkSpec, actor: string): Promise<SpecDetails> {
    const { links, unlink } = parseInput(linkSpecSchema, input);
    const { database, knowledge } = this.#parts;
    await database.transaction(async (tx) => {
      const graph = knowledge.within(tx);
      const held = await graph.held(projectId, [id, ...links.map(({ entityId }) => entityId)]);
      const spec = found(id, asSpec(held.get(id)));
      for (const { entityId, type, acceptanceCriteriaIds } of links) {
        if (!held.has(entityId)) throw new SignalboxError('GRAPH_ENTITY_NOT_FOUND', { id: entityId });
        if (type === 'REQUIRES') found(entityId, asSpec(held.get(entityId)));
        const unknown = acceptanceCriteriaIds.find((one) => !spec.acceptanceCriteriaIds.includes(one));
        if (unknown !== undefined) throw new SignalboxError('SPEC_CRITERION_UNKNOWN', { spec: id, criterion: unknown });
      }
      const said = { unit: null, relationships: links.map((link) => asEdge(id, link)) };
      const gone = unlink.map((one) => relationshipId({ type: one.type, ...endsOf(id, one) }));
      await graph.ingest(projectId, { units: [said], retract: { entities: [], relationships: gone } }, actor);
      await recordAudit(tx, projectId, {
        ...{ actor, action: 'spec.link', subjectType: 'spec', subjectId: id },
        details: { linked: links.map(({ type, entityId }) => ({ type, entityId })), unlinked: unlink },
      });
    });
    return this.get(projectId, id);
  }

  /** KG-282. @throws VALIDATION_FAILED, UNKNOWN_FIELD, SPEC_NOT_FOUND */
  async testPlan(projectId: string, id: string, input: PlanTests): Promise<TestPlan> {
    const asked = parseInput(planTestsSchema, input);
    const { knowledge } = this.#parts;
    const spec = await this.#spec(projectId, id);
    const links = await this.#links(projectId, id);
    const ids = implementing(links);
    const known = await knowledge.entities(projectId, ids);
    const coverage = await knowledge.measures.coverages(projectId, ids);
    const tests = await this.#tests(projectId, links, coverage);
    const troubles = await knowledge.measures.troubles(projectId, ids);
    const code = ids.map((entityId, n): ImplementingCode => {
      const measured = coverage[n]?.overallCoverage ?? null;
      return {
        id: entityId,
        criteria:
          links.find((link) => link.type === 'IMPLEMENTS_SPEC' && link.fromEntityId === entityId)
            ?.acceptanceCriteriaIds ?? [],
        known: known.get(entityId),
        findings: troubles.get(entityId)?.findings ?? [],
        slow: troubles.get(entityId)?.slow ?? [],
        coverage: measured && {
          lines: measured.lines ?? null,
          branches: measured.branches ?? null,
          functions: measured.functions ?? null,
        },
      };
    });
    return planTests(spec, asked, { tests, code, revision: await knowledge.revision(projectId) });
  }

  async #checked(projectId: string, id: string): Promise<CheckedSpec> {
    const spec = await this.#spec(projectId, id);
    const links = await this.#links(projectId, id);
    const coverage = await this.#parts.knowledge.measures.coverages(projectId, implementing(links));
    const tests = await this.#tests(projectId, links, coverage);
    return { specId: id, spec, validationResults: await this.#check(projectId, spec, links, tests) };
  }

  async #check(
    projectId: string,
    spec: Spec,
    links: readonly SpecLink[],
    tests: readonly { criteria: readonly string[] }[],
  ): Promise<SpecCheck> {
    const { knowledge } = this.#parts;
    const ids = links.flatMap(({ type, fromEntityId, toEntityId }) =>
      type === 'REQUIRES' && fromEntityId === spec.id ? [toEntityId] : [],
    );
    const known = await knowledge.entities(projectId, ids);
    const criteria = new Set(spec.acceptanceCriteriaIds);
    const covered = new Set(tests.flatMap((one) => one.criteria));
    const named = links.flatMap(({ acceptanceCriteriaIds }) => acceptanceCriteriaIds);
    return checkSpec(spec, {
      dependencies: ids.map((id) => ({ id, status: asSpec(known.get(id))?.status ?? null })),
      circle: await this.#circle(projectId, spec.id, ids),
      implementing: implementing(links),
      unknownCriteria: [...new Set(named.filter((id) => !criteria.has(id)))].sort(),
      untested: new Set([...criteria].filter((id) => !covered.has(id))),
    });
  }

  async #circle(projectId: string, id: string, dependencies: readonly string[]): Promise<string[]> {
    for (const startId of dependencies) {
      const asked = { startId, endId: id, direction: 'outgoing' as const, relationshipTypes: ['REQUIRES' as const] };
      const [way] = (await this.#parts.knowledge.paths(projectId, asked)).paths;
      if (way) return [id, ...way.entities];
    }
    return [];
  }

  async #spec(projectId: string, id: string): Promise<Spec> {
    return found(id, asSpec((await this.#parts.knowledge.entities(projectId, [id])).get(id)));
  }

  async #links(projectId: string, id: string): Promise<SpecLink[]> {
    const { queries } = this.#parts.knowledge;
    const edges = new Map<string, Readonly<Record<string, unknown>>>();
    for (const end of [{ toEntityId: id }, { fromEntityId: id }]) {
      for (let offset = 0; ; offset += LINKS_AT_ONCE) {
        const asked = { ...end, type: [...SPEC_LINK_TYPES], limit: LINKS_AT_ONCE, offset };
        const { relationships, total } = await queries.relationships(projectId, asked);
        for (const edge of relationships) edges.set(edge.id, edge);
        if (offset + LINKS_AT_ONCE >= total) break;
      }
    }
    return [...edges.values()].flatMap((edge) => readSpecLink(edge) ?? []);
  }

  /** @param coverage of the code that implements it */
  async #tests(projectId: string, links: readonly SpecLink[], coverage: readonly EntityCoverage[]) {
    const { knowledge } = this.#parts;
    const edges = coverage.flatMap(({ entityId, testCases }) => testCases.map(({ testId }) => ({ testId, entityId })));
    const validating = links.flatMap(({ type, fromEntityId }) => (type === 'VALIDATES' ? [fromEntityId] : []));
    const known = await knowledge.entities(projectId, [...edges.map(({ testId }) => testId), ...validating]);
    return coveringTests(links, edges, known);
  }
}

function implementing(links: readonly SpecLink[]): string[] {
  return [
    ...new Set(
      links.flatMap(({ type, fromEntityId }) =>
        type === 'IMPLEMENTS_SPEC' && !isChange(fromEntityId) ? [fromEntityId] : [],
      ),
    ),
  ].sort();
}

/** A commit implements a specification, too; it is no code that is there to be tested. */
function isChange(id: string): boolean {
  return id.startsWith('change:');
}

function passes({ status }: { status: string }): boolean {
  return status === 'passing';
}

function told(id: string, known: KnownEntity | undefined) {
  const { type = null, name, title, path } = (known?.entity ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return { id, type: text(type), name: text(name) ?? text(title), path: text(path) };
}

async function heldAt(
  graph: ReturnType<Knowledge['within']>,
  projectId: string,
  id: string,
  version: number,
): Promise<Spec> {
  const spec = found(id, asSpec((await graph.held(projectId, [id])).get(id)));
  if (spec.version === version) return spec;
  throw new SignalboxError('OPTIMISTIC_LOCK', { noun: 'spec', id, expected: spec.version, received: version });
}

function found(id: string, spec: Spec | null): Spec {
  if (!spec) throw new SignalboxError('SPEC_NOT_FOUND', { id });
  return spec;
}

function defined<Fields extends object>(fields: Fields): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

async function record(
  tx: Transaction,
  projectId: string,
  verb: 'create' | 'update',
  before: Spec | null,
  after: Spec,
  actor: string,
): Promise<void> {
  const { title, status, priority, acceptanceCriteria } = after;
  await recordAudit(tx, projectId, {
    ...{ actor, action: `spec.${verb}`, subjectType: 'spec', subjectId: after.id },
    versionBefore: before?.version ?? null,
    versionAfter: after.version,
    details: {
      ...{ title, status, priority, criteria: acceptanceCriteria.map(criterionId) },
      ...(before && before.status !== status ? { statusBefore: before.status } : {}),
    },
  });
}
