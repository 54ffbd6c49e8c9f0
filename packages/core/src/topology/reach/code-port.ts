import type { CodeUser, DeclaredSymbol, SymbolChange } from '../../knowledge/index.ts';
import type { Criticality } from '../terms.ts';

/** What reach asks of the code graph. */
export interface CodePort {
  /**
   * With what bytes files were read last: their SHA-256 in hex, none for a source that never was; null for what is no source, and in all
   * where nothing of the workspaces was ever read.
   */
  read(
    projectId: string,
    workspaceIds: readonly string[],
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlySet<string> | null> | null>;
  symbols(projectId: string, paths: readonly string[]): Promise<DeclaredSymbol[]>;
  /** What depends on these entities, over so many hops that are sure enough. */
  users(
    projectId: string,
    ids: readonly string[],
    far: { maxDepth: number; minConfidence: number },
  ): Promise<{ users: CodeUser[]; truncated: boolean }>;
  /** How risky a change is by what it is and how much depends on it (KG-276). */
  risk(projectId: string, changes: readonly SymbolChange[], maxDepth: number): Promise<Criticality>;
}
