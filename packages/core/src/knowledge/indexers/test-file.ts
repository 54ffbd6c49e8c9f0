import { createHash } from 'node:crypto';

export type TestType = 'unit' | 'integration' | 'e2e';

const TEST_FILE = /(?:\.|_|-)(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)__tests__\//;

export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path);
}

export function testTypeOf(path: string): TestType {
  if (/(?:^|[/._-])(?:e2e|browser|end-to-end)(?:[/._-]|$)/i.test(path)) return 'e2e';
  return /(?:^|[/._-])integration(?:[/._-]|$)/i.test(path) ? 'integration' : 'unit';
}

/** Of a test by its file and its names, the outermost block first. */
export function testId(path: string, names: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 12);
  return `test:${path}#${hash}`;
}
