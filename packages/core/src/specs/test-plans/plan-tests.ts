import type { z } from 'zod';
import type { KnownEntity } from '../../knowledge/index.ts';
import type { Spec } from '../spec.ts';
import type { CoveringTest } from './covering-tests.ts';
import type { PlannedTest, planTestsSchema, TestPlan } from './test-plan.ts';

type Asked = z.output<typeof planTestsSchema>;
type TestType = CoveringTest['type'];

/** Code of a specification. */
export interface ImplementingCode {
  id: string;
  /** None: all of them, or nobody said which. */
  criteria: readonly string[];
  known: KnownEntity | undefined;
  /** Titles of findings in it that are open. */
  findings: readonly string[];
  /** Times of it that became worse, or are too long. */
  slow: readonly string[];
  /** What reports of coverage say of it; null where none does. */
  coverage: Readonly<Record<'lines' | 'branches' | 'functions', number | null>> | null;
}

/** A criterion that names a time, a rate or an amount is one that can be measured. */
const MEASURABLE = /\d\s*(ms|milliseconds?|s|seconds?|minutes?|%|percent|[kmg]i?b|rps|per second|requests)\b/i;
const ABOUT_SECURITY =
  /\b(auth\w*|credential|encrypt\w*|forbidden|inject\w*|log(ged)? in|password|permission|refus\w*|role|secret|sign\w*|token|xss)\b/i;

/**
 * Which tests there are for each criterion, and which are to be written: every criterion comes with at least one (KG-282). A new one is of the
 * smallest kind that can tell: of one function a unit test, of code in several places one that runs them together, and where no code is known
 * one from outside.
 */
export function planTests(
  spec: Spec,
  asked: Asked,
  { tests, code, revision }: { tests: readonly CoveringTest[]; code: readonly ImplementingCode[]; revision: number },
): TestPlan {
  const criteria = spec.acceptanceCriteria.map((text, n) => ({ id: spec.acceptanceCriteriaIds[n] ?? '', text }));
  const ids = new Set(criteria.map(({ id }) => id));
  const existing = tests.map((test) => existingTest(test, criteria));
  const covered = new Set(tests.flatMap((test) => test.criteria).filter((id) => ids.has(id)));
  const missing = criteria
    .filter(({ id }) => !covered.has(id))
    .map((criterion) => newTest(criterion, code, asked.testTypes ?? ['unit', 'integration', 'e2e']));
  const performance = asked.includePerformanceTests ? performanceTests(criteria, code) : [];
  const security = asked.includeSecurityTests ? securityTests(criteria, code) : [];
  const all = [...existing, ...missing];
  const of = (type: TestType) => all.filter((one) => one.type === type);
  const measured = measuredCoverage(code);
  return {
    specId: spec.id,
    revision,
    testPlan: {
      unitTests: of('unit'),
      integrationTests: of('integration'),
      e2eTests: of('e2e'),
      performanceTests: performance,
      securityTests: security,
    },
    estimatedCoverage: {
      criteria: percent(covered.size, criteria.length),
      criteriaPlanned: percent(covered.size + missing.length, criteria.length),
      ...measured,
    },
    changedFiles: [...new Set(code.flatMap(({ known }) => pathOf(known) ?? []))].sort(),
    gaps: [
      ...criteria
        .filter(({ id }) => !covered.has(id))
        .map(({ id }) => ({ acceptanceCriteriaId: id, reason: 'No test is known that tells of it.' })),
      ...criteria
        .filter(({ id }) => covered.has(id) && tests.every((test) => !test.criteria.includes(id) || !passes(test)))
        .map(({ id }) => ({ acceptanceCriteriaId: id, reason: 'No test of it is known to pass.' })),
      ...wholeGaps(asked, { tests, code, measured, performance, security, ids }),
    ],
  };
}

function wholeGaps(
  { coverage, includePerformanceTests, includeSecurityTests }: Asked,
  found: {
    tests: readonly CoveringTest[];
    code: readonly ImplementingCode[];
    measured: ReturnType<typeof measuredCoverage>;
    performance: readonly PlannedTest[];
    security: readonly PlannedTest[];
    ids: ReadonlySet<string>;
  },
): TestPlan['gaps'] {
  const { tests, code, measured, performance, security, ids } = found;
  const vague = tests.filter((test) => test.criteria.every((id) => !ids.has(id)));
  const least = { lines: coverage.minLines, branches: coverage.minBranches, functions: coverage.minFunctions };
  const below = (['lines', 'branches', 'functions'] as const).flatMap((kind) => {
    const wanted = least[kind];
    if (wanted === undefined) return [];
    const known = measured[kind];
    if (known === null) return [`Of the ${kind} nobody measured how many run: ${wanted} % are wanted.`];
    return known < wanted ? [`${known} % of the ${kind} run, and ${wanted} % are wanted.`] : [];
  });
  return [
    ...(code.length === 0 ? ['No code is known that implements it.'] : []),
    ...(vague.length > 0 ? [`${vague.length} tests of it name none of its criteria, so they count for none.`] : []),
    ...below,
    ...(includePerformanceTests && performance.length === 0
      ? ['No criterion says anything that can be measured, and none of its code is known to be slow.']
      : []),
    ...(includeSecurityTests && security.length === 0
      ? ['No criterion is about security, and no finding in its code is open.']
      : []),
  ].map((reason) => ({ acceptanceCriteriaId: null, reason }));
}

interface Criterion {
  id: string;
  text: string;
}

function existingTest(test: CoveringTest, criteria: readonly Criterion[]): PlannedTest {
  const told = criteria.filter(({ id }) => test.criteria.includes(id));
  return {
    name: test.name,
    description: test.path === null ? 'It is there.' : `It is there, in ${test.path}.`,
    type: test.type,
    targetFunction: test.tests[0] ?? null,
    assertions: told.map(({ text }) => text),
    dataRequirements: [],
    acceptanceCriteriaIds: told.map(({ id }) => id),
    testId: test.id,
    status: test.status,
  };
}

function newTest({ id, text }: Criterion, code: readonly ImplementingCode[], types: readonly TestType[]): PlannedTest {
  const own = code.filter(({ criteria }) => criteria.includes(id));
  const about = own.length > 0 ? own : code.filter(({ criteria }) => criteria.length === 0);
  const [only] = about;
  const fitting: TestType =
    about.length === 0 ? 'e2e' : about.length === 1 && only?.known?.entity.type === 'symbol' ? 'unit' : 'integration';
  const type = types.includes(fitting) ? fitting : (types[0] ?? fitting);
  return {
    ...missingTest(text, type, [id]),
    description: ABOUT[type],
    targetFunction: about.length === 1 ? (only?.id ?? null) : null,
    dataRequirements: about.flatMap(({ known }) => parametersOf(known)),
  };
}

const ABOUT: Record<TestType, string> = {
  unit: 'Calls what implements the criterion.',
  integration: 'Runs together what implements the criterion.',
  e2e: 'Uses the program from outside: no code is known that implements the criterion.',
};

function performanceTests(criteria: readonly Criterion[], code: readonly ImplementingCode[]): PlannedTest[] {
  return [
    ...criteria
      .filter(({ text }) => MEASURABLE.test(text))
      .map(({ id, text }) => missingTest(text, 'performance', [id])),
    ...code.flatMap(({ id, criteria: own, slow }) =>
      slow.map((what) => ({ ...missingTest(what, 'performance', [...own]), targetFunction: id })),
    ),
  ];
}

function securityTests(criteria: readonly Criterion[], code: readonly ImplementingCode[]): PlannedTest[] {
  return [
    ...criteria
      .filter(({ text }) => ABOUT_SECURITY.test(text))
      .map(({ id, text }) => missingTest(text, 'security', [id])),
    ...code.flatMap(({ id, criteria: own, findings }) =>
      findings.map((title) => ({
        ...missingTest(`Not any more: ${title}`, 'security', [...own]),
        targetFunction: id,
      })),
    ),
  ];
}

function missingTest(assertion: string, type: PlannedTest['type'], acceptanceCriteriaIds: string[]): PlannedTest {
  return {
    name: assertion,
    description: 'It is to be written.',
    type,
    targetFunction: null,
    assertions: [assertion],
    dataRequirements: [],
    acceptanceCriteriaIds,
    testId: null,
    status: 'missing',
  };
}

function measuredCoverage(code: readonly ImplementingCode[]) {
  const mean = (kind: 'lines' | 'branches' | 'functions') => {
    const known = code.flatMap(({ coverage }) => coverage?.[kind] ?? []);
    return known.length === 0 ? null : rounded(known.reduce((sum, one) => sum + one, 0) / known.length);
  };
  return { lines: mean('lines'), branches: mean('branches'), functions: mean('functions') };
}

function parametersOf(known: KnownEntity | undefined): string[] {
  const parameters = known?.entity.parameters;
  if (!Array.isArray(parameters)) return [];
  return (parameters as { name: string; type: string }[]).map(({ name, type }) => `${name}: ${type}`);
}

function pathOf(known: KnownEntity | undefined): string | null {
  const path = known?.entity.path;
  return typeof path === 'string' && path !== '' ? path : null;
}

function passes({ status }: CoveringTest): boolean {
  return status === 'passing';
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : rounded((part / whole) * 100);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
