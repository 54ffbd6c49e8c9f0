import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Knowledge } from '../knowledge/index.ts';
import { systemClock } from '../platform/clock/clock.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import { systemIds } from '../platform/ids/ids.ts';
import { describeOnBackends, insertTestProject, type TestDatabase } from '../testing/index.ts';
import { criterionId } from './criterion.ts';
import type { CreateSpec } from './spec.ts';
import { Specs } from './specs.ts';

const START = Date.UTC(2026, 0, 1);
const ROUNDS = 'Each line shows its tax to the cent.';
const SUMS = 'The total is the sum of the lines.';
const TITLES: CreateSpec = {
  title: 'Tax is rounded',
  description: 'Customers compare.',
  goals: ['Invoices that add up'],
  acceptanceCriteria: [ROUNDS, SUMS],
  priority: 'high',
  tags: ['billing'],
};
const iso = new Date(START).toISOString();
const code = (id: string, path: string) => ({
  ...{ id, type: 'symbol', kind: 'function', name: id, path, hash: id, language: 'typescript' },
  ...{ lastModified: iso, created: iso, signature: '', docstring: '', visibility: 'public' },
  ...{ isExported: true, isDeprecated: false, returnType: 'number', isAsync: false, isGenerator: false },
  ...{ complexity: 1, calls: [], parameters: [{ name: 'amount', type: 'number', optional: false }] },
});
const aTest = (id: string, status: string, testType = 'unit') => ({
  ...{ id, type: 'test', path: 'tax.test.ts', hash: id, language: '', lastModified: iso, created: iso, testType },
  ...{ targetSymbol: '', framework: 'vitest', status, executionHistory: [], dependencies: [], tags: [] },
  metadata: { name: `name of ${id}` },
});

describeOnBackends('specifications', (backend) => {
  let db: TestDatabase;
  let projectId: string;
  let knowledge: Knowledge;
  let specs: Specs;
  let now = START;
  beforeAll(async () => {
    db = await backend.open();
    const parts = { database: db.database, clock: { ...systemClock, now: () => new Date(now) }, ids: systemIds };
    knowledge = new Knowledge(parts);
    specs = new Specs({ ...parts, knowledge });
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    now = START;
    projectId = await insertTestProject(db.database);
  });

  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => (SignalboxError.is(error) ? error.code : error),
    );
  const say = (entities: object[], relationships: object[] = []) =>
    knowledge.ingest(projectId, { units: [{ unit: 'u', entities, relationships }] }, 'ann');

  test('KG-280: what is wanted is kept with goals and dependencies, and told what speaks against it', async () => {
    const first = await specs.create(projectId, TITLES, 'ann');
    expect(first.spec).toMatchObject({ ...TITLES, status: 'draft', assignee: null, version: 1 });
    expect(first.spec.acceptanceCriteriaIds).toEqual([criterionId(ROUNDS), criterionId(SUMS)]);
    expect(first.validationResults).toMatchObject({ isValid: true, issues: [] });
    const second = await specs.create(
      projectId,
      { ...TITLES, title: 'Quick', goals: [], acceptanceCriteria: ['It is fast'], dependencies: [first.specId] },
      'ann',
    );
    expect(second.validationResults.issues.map(({ rule, line }) => [rule, line])).toEqual([
      ['vague-criterion', 1],
      ['no-goals', null],
    ]);
    const edges = await knowledge.queries.relationships(projectId, { fromEntityId: second.specId });
    expect(edges.relationships).toMatchObject([{ type: 'REQUIRES', toEntityId: first.specId }]);
    expect((await knowledge.entity(projectId, first.specId)).entity).toMatchObject({
      type: 'spec',
      goals: TITLES.goals,
    });
    expect((await specs.get(projectId, first.specId)).relatedSpecs).toMatchObject([
      { id: second.specId, type: 'REQUIRES', direction: 'incoming', status: 'draft' },
    ]);

    expect(await codeOf(specs.create(projectId, { ...TITLES, dependencies: ['spec:nobody'] }, 'ann'))).toBe(
      'SPEC_NOT_FOUND',
    );
    const twice = { ...TITLES, acceptanceCriteria: [ROUNDS, ` ${ROUNDS.toUpperCase()} `] };
    expect(await codeOf(specs.create(projectId, twice, 'ann'))).toBe('VALIDATION_FAILED');
    expect(await codeOf(specs.create(projectId, { ...TITLES, owner: 'ann' } as CreateSpec, 'ann'))).toBe(
      'UNKNOWN_FIELD',
    );
    expect((await specs.list(projectId, {}, 1, 10)).total).toBe(2);

    await specs.link(projectId, first.specId, { links: [{ entityId: second.specId, type: 'REQUIRES' }] }, 'ann');
    const circular = (await specs.get(projectId, first.specId)).validationResults;
    expect(circular).toMatchObject({ isValid: false, issues: [{ rule: 'circular-dependency', severity: 'error' }] });
  });

  test('KG-281: of a specification with more than a thousand ties every one is told', async () => {
    const { specId } = await specs.create(projectId, TITLES, 'ann');
    const ids = Array.from({ length: 1_003 }, (_, n) => `sym:tie#${n}`);
    const relationships = ids.map((id) => ({ type: 'IMPACTS', fromEntityId: specId, toEntityId: id }));
    await say(
      ids.map((id) => code(id, 'tie.ts')),
      relationships,
    );
    const { affectedEntities } = await specs.get(projectId, specId);
    expect(new Set(affectedEntities.map(({ id }) => id))).toEqual(new Set(ids));
  });

  test('KG-281: a tie keeps how much it matters; a test that validates has no place for that, and is refused with it', async () => {
    const { specId } = await specs.create(projectId, TITLES, 'ann');
    await say([code('sym:tax', 'tax.ts'), aTest('test:tax', 'passing')]);
    const tie = { entityId: 'sym:tax', type: 'IMPLEMENTS_SPEC', impactLevel: 'high', priority: 'low' } as const;
    const { affectedEntities } = await specs.link(projectId, specId, { links: [tie] }, 'ann');
    expect(affectedEntities).toMatchObject([{ id: 'sym:tax', link: { impactLevel: 'high', priority: 'low' } }]);
    for (const more of [{ impactLevel: 'high' }, { priority: 'low' }] as const) {
      const links = [{ entityId: 'test:tax', type: 'VALIDATES' as const, ...more }];
      expect(await codeOf(specs.link(projectId, specId, { links }, 'ann'))).toBe('VALIDATION_FAILED');
    }
    const known = await specs.link(projectId, specId, { links: [{ entityId: 'test:tax', type: 'VALIDATES' }] }, 'ann');
    expect(known.testCoverage.tests).toMatchObject([{ id: 'test:tax', status: 'passing' }]);
  });

  test('KG-281: changes need the version that they are of; what is wanted has versions, and both are audited', async () => {
    const { specId } = await specs.create(projectId, TITLES, 'ann');
    now += 60_000;
    const { spec } = await specs.update(projectId, specId, 1, { status: 'approved', assignee: 'bob' }, 'bob');
    expect(spec).toMatchObject({ status: 'approved', assignee: 'bob', version: 2, title: TITLES.title });
    expect(Date.parse(spec.updated) - Date.parse(spec.created)).toBe(60_000);
    expect(await codeOf(specs.update(projectId, specId, 1, { status: 'draft' }, 'cem'))).toBe('OPTIMISTIC_LOCK');
    const both = await Promise.all(
      ['low', 'medium'].map((priority) =>
        codeOf(specs.update(projectId, specId, 2, { priority: priority as 'low' }, 'x')),
      ),
    );
    expect(both.sort()).toEqual(['OPTIMISTIC_LOCK', null].sort());
    expect((await specs.update(projectId, specId, 3, {}, 'x')).spec.version).toBe(3);
    expect((await knowledge.entityTimeline(projectId, specId)).versions).toHaveLength(3);
    expect(await codeOf(specs.get(projectId, 'spec:nobody'))).toBe('SPEC_NOT_FOUND');
    const audited = await db.database.query<{ action: string; actor: string; version_after: number }>(
      {
        name: '',
        text: `SELECT action, actor, version_after FROM audit_events WHERE project_id = $1 AND subject_id = $2 ORDER BY id`,
      },
      [projectId, specId],
    );
    expect(audited.map(({ action, version_after }) => [action, version_after])).toEqual([
      ['spec.create', 1],
      ['spec.update', 2],
      ['spec.update', 3],
    ]);
  });

  test('KG-281: lists by status, priority, assignee, tags and words', async () => {
    const of = async (asked: Parameters<Specs['list']>[1]) =>
      (await specs.list(projectId, asked, 1, 10)).items.map(({ title }) => title);
    const { specId } = await specs.create(projectId, TITLES, 'ann');
    now += 1_000;
    await specs.create(projectId, { ...TITLES, title: 'Other', priority: 'low', tags: ['billing', 'ui'] }, 'ann');
    now += 1_000;
    await specs.update(projectId, specId, 1, { assignee: 'bob' }, 'ann');
    expect(await of({ sortBy: 'title', sortOrder: 'asc' })).toEqual(['Other', 'Tax is rounded']);
    expect(await of({ sortBy: 'priority' })).toEqual(['Tax is rounded', 'Other']);
    expect(await of({ priority: ['low', 'medium'] })).toEqual(['Other']);
    expect(await of({ tags: ['ui', 'billing'] })).toEqual(['Other']);
    expect(await of({ assignee: 'bob', status: ['draft'] })).toEqual(['Tax is rounded']);
    expect(await of({ search: 'TO THE CENT', status: ['approved'] })).toEqual([]);
    expect(await of({ search: '%' })).toEqual([]);
    expect(await specs.list(projectId, {}, 2, 1)).toMatchObject({ total: 2, items: [{ title: 'Other' }] });
    const elsewhere = await insertTestProject(db.database);
    expect(await specs.list(elsewhere, {}, 1, 10)).toEqual({ total: 0, items: [] });
    expect(await codeOf(specs.get(elsewhere, specId))).toBe('SPEC_NOT_FOUND');
  });

  test('KG-282, KG-285: the plan names the tests there are, those to write, and what nobody knows', async () => {
    const { specId } = await specs.create(projectId, TITLES, 'ann');
    const [rounds, sums] = [criterionId(ROUNDS), criterionId(SUMS)];
    const empty = await specs.testPlan(projectId, specId, {});
    expect(empty.estimatedCoverage).toEqual({
      ...{ criteria: 0, criteriaPlanned: 100, lines: null, branches: null, functions: null },
    });
    expect(empty.testPlan.e2eTests.map(({ status, assertions }) => [status, assertions])).toEqual([
      ['missing', [ROUNDS]],
      ['missing', [SUMS]],
    ]);
    expect(empty.gaps.map(({ reason }) => reason)).toContain('No code is known that implements it.');

    await say(
      [
        code('rate', 'src/tax.ts'),
        aTest('T1', 'passing'),
        aTest('T2', 'failing', 'integration'),
        aTest('T3', 'passing'),
      ],
      [
        { type: 'TESTS', fromEntityId: 'T1', toEntityId: 'rate' },
        {
          ...{
            type: 'COVERAGE_PROVIDES',
            fromEntityId: 'T1',
            toEntityId: 'rate',
            coverage: { lines: 75, functions: 100 },
          },
          runId: 'r',
        },
      ],
    );
    const unknown = { entityId: 'rate', type: 'IMPLEMENTS_SPEC' as const, acceptanceCriteriaIds: ['ac-0'] };
    expect(await codeOf(specs.link(projectId, specId, { links: [unknown] }, 'ann'))).toBe('SPEC_CRITERION_UNKNOWN');
    const nobody = { entityId: 'nobody', type: 'IMPLEMENTS_SPEC' as const };
    expect(await codeOf(specs.link(projectId, specId, { links: [nobody] }, 'ann'))).toBe('GRAPH_ENTITY_NOT_FOUND');
    const links = [
      { entityId: 'rate', type: 'IMPLEMENTS_SPEC' as const, acceptanceCriteriaIds: [rounds], rationale: 'there' },
      { entityId: 'T3', type: 'VALIDATES' as const },
    ];
    const details = await specs.link(projectId, specId, { links }, 'ann');
    expect(details.affectedEntities).toMatchObject([
      { id: 'rate', path: 'src/tax.ts', link: { acceptanceCriteriaIds: [rounds], rationale: 'there' } },
    ]);
    expect(details.testCoverage.criteria).toMatchObject([
      { id: rounds, tests: ['T1'], passing: true },
      { id: sums, tests: [], passing: false },
    ]);
    expect(details.testCoverage.code).toMatchObject([
      { entityId: 'rate', overallCoverage: { lines: 75, functions: 100 }, uncoveredLines: null },
    ]);

    const plan = await specs.testPlan(projectId, specId, { coverage: { minLines: 80, minBranches: 10 } });
    expect(plan.estimatedCoverage).toEqual({
      criteria: 50,
      criteriaPlanned: 100,
      lines: 75,
      branches: null,
      functions: 100,
    });
    expect(plan.testPlan.unitTests).toMatchObject([
      { testId: 'T1', status: 'passing', acceptanceCriteriaIds: [rounds], targetFunction: 'rate' },
      { testId: 'T3', acceptanceCriteriaIds: [] },
    ]);
    expect(plan.testPlan.e2eTests).toMatchObject([{ testId: null, status: 'missing', acceptanceCriteriaIds: [sums] }]);
    expect(plan.changedFiles).toEqual(['src/tax.ts']);
    expect(plan.gaps).toEqual([
      { acceptanceCriteriaId: sums, reason: 'No test is known that tells of it.' },
      { acceptanceCriteriaId: null, reason: '1 tests of it name none of its criteria, so they count for none.' },
      { acceptanceCriteriaId: null, reason: '75 % of the lines run, and 80 % are wanted.' },
      { acceptanceCriteriaId: null, reason: 'Of the branches nobody measured how many run: 10 % are wanted.' },
    ]);

    const both = [
      { entityId: 'T2', type: 'VALIDATES' as const, acceptanceCriteriaIds: [sums] },
      { entityId: 'rate', type: 'IMPLEMENTS_SPEC' as const, acceptanceCriteriaIds: [rounds, sums] },
    ];
    await specs.link(projectId, specId, { links: both, unlink: [{ entityId: 'T3', type: 'VALIDATES' }] }, 'ann');
    const later = await specs.testPlan(projectId, specId, { testTypes: ['unit'] });
    expect(later.testPlan.integrationTests).toMatchObject([
      { testId: 'T2', status: 'failing', acceptanceCriteriaIds: [sums] },
    ]);
    expect([later.estimatedCoverage.criteria, later.gaps]).toEqual([100, []]);
    const reworded = await specs.update(
      projectId,
      specId,
      1,
      { acceptanceCriteria: [ROUNDS, 'Sums agree always.'] },
      'ann',
    );
    expect(reworded.validationResults.issues).toMatchObject([{ rule: 'unknown-criterion' }]);
  });

  test('KG-282: tests of speed and safety are planned where something says what to test', async () => {
    const criteria = ['A page answers within 200 ms.', 'A refused login tells nothing.', 'Lines are listed by date.'];
    const { specId } = await specs.create(projectId, { ...TITLES, acceptanceCriteria: criteria }, 'ann');
    const issue = (id: string, status: string) => ({
      ...{
        id,
        type: 'securityIssue',
        tool: 't',
        ruleId: 'r',
        severity: 'high',
        title: `Finding ${id}`,
        description: '',
      },
      ...{ affectedEntityId: 'rate', lineNumber: 1, codeSnippet: '', remediation: '', status, confidence: 1 },
      ...{ discoveredAt: iso, lastScanned: iso },
    });
    await say(
      [code('rate', 'src/tax.ts'), issue('I1', 'open'), issue('I2', 'accepted')],
      [
        ...['I1', 'I2'].map((id) => ({ type: 'HAS_SECURITY_ISSUE', fromEntityId: 'rate', toEntityId: id })),
        ...['PERFORMANCE_REGRESSION', 'PERFORMANCE_IMPACT'].map((type) => ({
          ...{
            type,
            fromEntityId: 'speed',
            toEntityId: 'rate',
            metricId: type === 'PERFORMANCE_IMPACT' ? 'load' : 'latency',
          },
          ...{ baselineValue: 10, currentValue: 25, unit: 'ms' },
        })),
      ],
    );
    await specs.link(projectId, specId, { links: [{ entityId: 'rate', type: 'IMPLEMENTS_SPEC' }] }, 'ann');
    const none = await specs.testPlan(projectId, specId, {});
    expect([none.testPlan.performanceTests, none.testPlan.securityTests]).toEqual([[], []]);
    const { testPlan } = await specs.testPlan(projectId, specId, {
      ...{ includePerformanceTests: true, includeSecurityTests: true },
    });
    expect(testPlan.performanceTests.map(({ name, targetFunction }) => [name, targetFunction]).sort()).toEqual([
      [criteria[0], null],
      ['latency is as fast as before: it was 25 ms', 'rate'],
      ['load is faster than now: it was 25 ms', 'rate'],
    ]);
    expect(testPlan.securityTests.map(({ name }) => name)).toEqual([criteria[1], 'Not any more: Finding I1']);
    expect(
      testPlan.unitTests.map(({ targetFunction, dataRequirements }) => [targetFunction, dataRequirements]),
    ).toEqual(criteria.map(() => ['rate', ['amount: number']]));
  });
});
