import type ts from 'typescript';
import type { SourceFileState } from '../file-facts.ts';
import type { SymbolIds } from './symbol-ids.ts';

/** Where the imports of each file lead, by its absolute path and by what it wrote; null for nowhere. */
export type ResolvedImports = ReadonlyMap<string, Map<string, string | null>>;

/** One program, and which of its files are ours. */
export interface OpenProgram {
  program: ts.Program;
  ids: SymbolIds;
  resolved: ResolvedImports;
  /** Those that this program is to tell of. */
  files: { file: ts.SourceFile; state: SourceFileState }[];
}
