import { readFileSync } from 'node:fs';
import type { ReportSource } from '../report-source.ts';

/** A report as the named tool wrote it, of a repository at {@link CI_ROOT}. */
export function reportFixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

export const CI_ROOT = '/ci/shop';

export function sourceOf(text: string, more: Partial<ReportSource> = {}): ReportSource {
  return { bytes: Buffer.from(text), text, root: CI_ROOT, workspace: null, ...more };
}
