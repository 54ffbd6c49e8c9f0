import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { pathWithin, type ReportSource, repositoryPath, unreadable } from '../../imports/report-source.ts';
import { isCodeFile, MOST_CASES, MOST_MESSAGE, MOST_STACK, type RunCase, type TestRun } from './run-case.ts';

/** Deepest nesting of suites. */
const MOST_DEPTH = 100;
const VERDICTS = new Set(['failure', 'error', 'skipped', 'flakyFailure', 'flakyError']);

interface Suite {
  name: string;
  file: string | undefined;
}

/**
 * What the common runners write as JUnit's XML. No document type is taken: with one come entities of any size, and files of the server.
 * @throws IMPORT_UNREADABLE, GRAPH_REPORT_PATH
 */
export function readJunit(source: ReportSource): TestRun {
  const fail = (reason: string, cause?: unknown) => unreadable('junit', reason, cause);
  const parser = new SaxesParser<{ xmlns: false; position: true }>({ xmlns: false, position: true });
  const suites: Suite[] = [];
  const cases: RunCase[] = [];
  const at = {
    startedAt: null as string | null,
    open: null as RunCase | null,
    verdict: null as string | null,
    depth: 0,
  };

  parser.on('doctype', () => {
    throw fail('it has a document type; make it without one');
  });
  parser.on('error', (error) => {
    throw fail(error.message, error);
  });
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    at.depth += 1;
    if (at.depth > MOST_DEPTH) throw fail(`it nests deeper than ${MOST_DEPTH}`);
    if (at.depth === 1 && name !== 'testsuites' && name !== 'testsuite') throw fail(`<${name}> is no report of tests`);
    if (name === 'testsuite') {
      suites.push({ name: attributes.name ?? '', file: attributes.file ?? attributes.filepath });
      at.startedAt ??= instantOf(attributes.timestamp);
    } else if (name === 'testcase') {
      if (at.open) throw fail('a test begins within another one');
      if (cases.length >= MOST_CASES) throw fail(`it has more than ${MOST_CASES} tests`);
      at.open = caseOf(source, suites, attributes);
    } else if (at.open && VERDICTS.has(name)) {
      at.verdict = name;
      judge(at.open, name, attributes);
    }
  });
  const heard = (text: string) => {
    if (at.open && at.verdict && at.verdict !== 'skipped')
      at.open.stack = ((at.open.stack ?? '') + text).slice(0, MOST_STACK);
  };
  parser.on('text', heard);
  parser.on('cdata', heard);
  parser.on('closetag', ({ name }) => {
    at.depth -= 1;
    if (name === 'testsuite') suites.pop();
    if (VERDICTS.has(name)) at.verdict = null;
    if (name !== 'testcase' || !at.open) return;
    cases.push({ ...at.open, stack: at.open.stack?.trim() || null });
    at.open = null;
  });
  if (source.text.includes('\0')) throw fail('it has NUL characters');
  parser.write(source.text).close();
  return { cases, startedAt: at.startedAt };
}

function judge(open: RunCase, name: string, { message }: Record<string, string>): void {
  if (name.startsWith('flaky')) open.failedBefore += 1;
  else if (name === 'skipped') open.status = 'skipped';
  else open.status = name === 'error' ? 'error' : 'failed';
  open.message = message?.slice(0, MOST_MESSAGE) ?? open.message;
}

function caseOf(source: ReportSource, suites: readonly Suite[], attributes: Record<string, string>): RunCase {
  const { name = '', classname = '', file, time } = attributes;
  const said = file ?? suites.findLast((suite) => suite.file)?.file;
  // Runners without a field for it have the file where others have the class, or the suite.
  const inPlace = [classname, ...suites.map((suite) => suite.name).reverse()].find(isCodeFile);
  const named = said ?? inPlace;
  const path = named === undefined ? null : repositoryPath('junit', source, named);
  const blocks = path === null ? [] : blocksOf(source, suites, { name, classname, path });
  const seconds = time === undefined || time.trim() === '' ? Number.NaN : Number(time.replaceAll(',', ''));
  return {
    path,
    className: classname || (suites.at(-1)?.name ?? ''),
    names: [...blocks, ...name.split(' > ')],
    status: 'passed',
    duration: Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1_000_000) / 1_000 : null,
    message: null,
    stack: null,
    failedBefore: 0,
  };
}

/** What a test stands in, the outermost first, unless its name says that, too. */
function blocksOf(
  source: ReportSource,
  suites: readonly Suite[],
  { name, classname, path }: { name: string; classname: string; path: string },
): string[] {
  const around = suites.map((suite) => suite.name).filter((one) => one !== '' && !isCodeFile(one));
  // Node has a suite for each block, and of the innermost one the name as class.
  if (around.length > 0 && around.at(-1) === classname) return around;
  const says = classname !== '' && classname !== 'test' && !name.startsWith(classname);
  return says && !sameFile(source, classname, path) ? [classname] : [];
}

/** `tests.test_tax.TestRate` of `tests/test_tax.py` says the file again. */
function sameFile(source: ReportSource, className: string, path: string): boolean {
  return pathWithin(source.root, className) === path || path.replace(/\.[^.]+$/, '').replaceAll('/', '.') === className;
}

function instantOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const zoned = /(?:z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`;
  const at = new Date(zoned);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
