import type { Knowledge } from '../../knowledge/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import { parseInput } from '../../platform/errors/index.ts';
import type { Specs } from '../../specs/index.ts';
import { confine, type Workspaces } from '../../workspaces/index.ts';
import { proposedFiles } from '../proposed-files.ts';
import { checkArchitecture, checkCoverage, checkSecurity, checkTests } from './graph-checks.ts';
import { judge, notRun, outcomeOf } from './judge.ts';
import { type Linter, lint } from './lint-check.ts';
import type { TypeCheckAnswer } from './type-check-thread.ts';
import { checkTypesInThread } from './type-check-thread.ts';
import {
  CHECKS,
  type CheckName,
  type CheckResults,
  type Validate,
  type Validation,
  validateSchema,
} from './validation.ts';

export interface ValidatorParts {
  clock: Clock;
  knowledge: Knowledge;
  specs: Pick<Specs, 'get'>;
  workspaces: Pick<Workspaces, 'get'>;
  /** Which programs of workspaces a person allowed to be run. */
  linters: readonly Linter[];
  /** In a thread, without it. */
  checkTypes?: typeof checkTypesInThread;
}

/** Whether code holds, as it is or as it is proposed. */
export class Validator {
  readonly #parts: ValidatorParts;

  constructor(parts: ValidatorParts) {
    this.#parts = parts;
  }

  /**
   * KG-291…293. Nothing is written. A check that could not run says why, and has not passed.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND, SPEC_NOT_FOUND, PROPOSAL_STALE, PATH_OUTSIDE_WORKSPACE
   */
  async validate(projectId: string, input: Validate): Promise<Validation> {
    const asked = parseInput(validateSchema, input);
    const { clock, knowledge, workspaces, linters } = this.#parts;
    const started = clock.now().getTime();
    const root = (await workspaces.get(projectId, asked.workspaceId)).path;
    const fresh = await proposedFiles(root, asked.changes ?? []);
    const proposed = new Map(fresh.map(({ path, after }) => [path, after]));
    const files = await this.#files(projectId, root, asked, [...proposed.keys()]);
    const wanted = new Set<CheckName>(asked.includeTypes ?? CHECKS);
    const { failOnWarnings } = asked;
    const there = files.filter((path) => proposed.get(path) !== null);
    const start = { projectId, files: there, proposed: new Set(proposed.keys()), failOnWarnings };
    const results: CheckResults = {};
    let imports: Readonly<Record<string, readonly string[]>> = {};
    if (wanted.has('typescript') || (wanted.has('architecture') && proposed.size > 0)) {
      const checked = await this.#types(root, files, proposed);
      if (!('failure' in checked)) imports = checked.imports;
      if (wanted.has('typescript')) results.typescript = typesOf(checked, failOnWarnings);
    }
    if (wanted.has('eslint'))
      results.eslint = await lintOf({ root, files, proposed, allowed: linters }, failOnWarnings);
    if (there.length === 0) {
      for (const name of wanted) if (isOfGraph(name)) Object.assign(results, { [name]: NOTHING_LEFT[name] });
    } else {
      if (wanted.has('security')) results.security = await checkSecurity(knowledge, start);
      if (wanted.has('tests')) results.tests = await checkTests(knowledge, start);
      if (wanted.has('coverage')) results.coverage = await checkCoverage(knowledge, start, asked.coverage);
      if (wanted.has('architecture')) results.architecture = await checkArchitecture(knowledge, start, imports);
    }
    const overall = judge(results, asked.includeTypes ?? null, clock.now().getTime() - started);
    return { overall, files, ...results };
  }

  async #types(root: string, files: string[], proposed: ReadonlyMap<string, string | null>): Promise<TypeCheckAnswer> {
    const { checkTypes = checkTypesInThread } = this.#parts;
    return checkTypes({ root, files, proposed: Object.fromEntries(proposed) });
  }

  async #files(
    projectId: string,
    root: string,
    { files, specId }: { files?: string[] | undefined; specId?: string | undefined },
    changed: readonly string[],
  ): Promise<string[]> {
    const details = specId === undefined ? null : await this.#parts.specs.get(projectId, specId);
    const ofSpec =
      files === undefined && changed.length === 0
        ? (details?.affectedEntities.flatMap(({ path, link }) =>
            path !== null && link.type === 'IMPLEMENTS_SPEC' ? path : [],
          ) ?? [])
        : [];
    const all = [...new Set([...(files ?? []), ...changed, ...ofSpec])].sort();
    for (const path of all) await confine(root, path);
    return all;
  }
}

function typesOf(checked: TypeCheckAnswer, failOnWarnings: boolean): CheckResults['typescript'] {
  if ('failure' in checked) {
    return { ...notRun(`The types were not checked: ${checked.failure}.`), errors: 0, warnings: 0, issues: [] };
  }
  const { issues, checked: read, unconfigured } = checked;
  const found = outcomeOf(issues, failOnWarnings);
  if (found.status === 'passed' && unconfigured.length > 0) {
    const reason = `No tsconfig.json or jsconfig.json includes ${unconfigured.join(', ')}.`;
    return { ...found, ...notRun(reason), issues };
  }
  if (found.status === 'passed' && read.length === 0)
    return { ...found, ...notRun('None of the files has types.'), issues };
  return { ...found, issues };
}

async function lintOf(start: Parameters<typeof lint>[0], failOnWarnings: boolean): Promise<CheckResults['eslint']> {
  const linted = await lint(start);
  const { program } = linted;
  if ('failure' in linted) return { ...notRun(linted.failure), errors: 0, warnings: 0, issues: [], program };
  return { ...outcomeOf(linted.issues, failOnWarnings), issues: linted.issues, program };
}

type OfGraph = 'security' | 'tests' | 'coverage' | 'architecture';
function isOfGraph(name: CheckName): name is OfGraph {
  return name !== 'typescript' && name !== 'eslint';
}

const NO_FILE = notRun('No file would be left to look at.');
const NOTHING_LEFT: { [Name in OfGraph]: CheckResults[Name] } = {
  security: { ...NO_FILE, critical: 0, high: 0, medium: 0, low: 0, info: 0, issues: [] },
  tests: { ...NO_FILE, passed: 0, failed: 0, skipped: 0, unknown: 0, coverage: null, failing: [] },
  coverage: { ...NO_FILE, lines: null, branches: null, functions: null, issues: [] },
  architecture: { ...NO_FILE, violations: 0, issues: [] },
};
