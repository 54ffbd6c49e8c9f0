import ts from 'typescript';
import { isTestFile, type TestType, testTypeOf } from '../test-file.ts';

export interface TestBlock {
  /** What it is called, with what the blocks around it are called before that. */
  names: string[];
  /** A block that holds tests is none itself. */
  isSuite: boolean;
  testType: TestType;
}

/** `describe`, and what frameworks and projects make of it, such as `describe.each` or `describeOnPostgres`. */
const SUITE = /^(?:describe|suite$|context$)/;
const TESTS = new Set(['test', 'it', 'specify']);

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
