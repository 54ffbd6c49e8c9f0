import { createHash } from 'node:crypto';
import ts from 'typescript';

export interface TestBlock {
  /** What it is called, with what the blocks around it are called before that. */
  names: string[];
  /** A block that holds tests is none itself. */
  isSuite: boolean;
  testType: 'unit' | 'integration' | 'e2e';
}

const TEST_FILE = /(?:\.|_|-)(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)__tests__\//;
/** `describe`, and what frameworks and projects make of it, such as `describe.each` or `describeOnPostgres`. */
const SUITE = /^(?:describe|suite$|context$)/;
const TESTS = new Set(['test', 'it', 'specify']);

export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path);
}

/** A test, or a block of tests, as the common frameworks have them: `test('name', …)`, `it.each(…)('name', …)`; null for any other call. */
export function testBlock(node: ts.CallExpression, path: string): TestBlock | null {
  if (!isTestFile(path)) return null;
  const called = firstName(node.expression);
  const isSuite = called !== null && SUITE.test(called);
  if (!isSuite && (called === null || !TESTS.has(called))) return null;
  const [name] = node.arguments;
  if (!name || !node.arguments.slice(1).some((one) => ts.isFunctionLike(one))) return null;
  const text = ts.isStringLiteralLike(name) ? name.text : name.getText();
  return { names: [text], isSuite, testType: testTypeOf(path) };
}

/** `it` of `it.each(rows)('name', …)`. */
function firstName(expression: ts.Expression): string | null {
  let at = expression;
  while (ts.isPropertyAccessExpression(at) || ts.isCallExpression(at)) at = at.expression;
  return ts.isIdentifier(at) ? at.text : null;
}

export function testTypeOf(path: string): TestBlock['testType'] {
  if (/(?:^|[/._-])(?:e2e|browser|end-to-end)(?:[/._-]|$)/i.test(path)) return 'e2e';
  return /(?:^|[/._-])integration(?:[/._-]|$)/i.test(path) ? 'integration' : 'unit';
}

export function testId(path: string, names: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 12);
  return `test:${path}#${hash}`;
}
