import { createHash } from 'node:crypto';

export type TestType = 'unit' | 'integration' | 'e2e';

/** By how each language's own runners find them. */
const TEST_FILES = [
  /(?:\.|_|-)(?:test|spec)\.[cm]?[jt]sx?$/,
  /(?:^|\/)__tests__\//,
  /(?:^|\/)test_[^/]*\.(?:py|rb)$/,
  /_test\.(?:go|py|rb)$/,
  /_spec\.rb$/,
  /[^/]Tests?\.(?:cs|java|php)$/,
];

export function isTestFile(path: string): boolean {
  return TEST_FILES.some((form) => form.test(path));
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
