import { languageOfPath } from './structure/languages.ts';
import { SOURCE_FILE } from './typescript/source-file.ts';

export const PACKAGE_FILE =
  /(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/;
export const MARKDOWN_FILE = /\.(?:md|markdown)$/i;

export type IndexerName = 'typescript' | 'structure' | 'packages' | 'markdown';

/** Who reads a file; null for nobody. It stands in the names of units, and so it never changes. */
export function indexerOf(path: string): IndexerName | null {
  if (SOURCE_FILE.test(path)) return 'typescript';
  if (PACKAGE_FILE.test(path)) return 'packages';
  if (MARKDOWN_FILE.test(path)) return 'markdown';
  return languageOfPath(path) === null ? null : 'structure';
}
