import type { CodeSource } from '../vocabulary/terms.ts';

const ALIASES = new Map<string, CodeSource>([
  ['call-typecheck', 'type-checker'],
  ['ts', 'type-checker'],
  ['checker', 'type-checker'],
  ['tc', 'type-checker'],
  ['type-checker', 'type-checker'],
  ['ts-ast', 'ast'],
  ['ast', 'ast'],
  ['parser', 'ast'],
  ['heuristic', 'heuristic'],
  ['inferred', 'heuristic'],
  ['index', 'index'],
  ['indexer', 'index'],
  ['runtime', 'runtime'],
  ['instrumentation', 'runtime'],
  ['lsp', 'lsp'],
  ['language-server', 'lsp'],
]);

/** Who found an edge, by any of the names for it; a name that nobody knows is a heuristic's (KG-080). */
export function normaliseSource(value: unknown): CodeSource | undefined {
  const name = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return name === '' ? undefined : (ALIASES.get(name) ?? 'heuristic');
}

/** Of two that say the same the higher one is believed (KG-062). */
export function rankOf(source: CodeSource): number {
  return source === 'type-checker' ? 3 : source === 'ast' ? 2 : 1;
}
