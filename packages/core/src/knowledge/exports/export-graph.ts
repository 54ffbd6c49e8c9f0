import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { Database, Executor } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { uuidSchema } from '../../platform/ids/ids.ts';
import type { Workspaces } from '../../workspaces/index.ts';
import { MOST_REPORTED } from '../imports/report.ts';
import type { ExportedSymbol, ExportedUse } from '../indexers/scip/write-scip.ts';
import { type Place, readExportedSymbols, readExportedUses } from './exported-store.ts';

const packed = promisify(gzip);

/** What an index calls a reference, or an import. */
const USES = [
  'IMPORTS',
  'CALLS',
  'REFERENCES',
  'IMPLEMENTS',
  'EXTENDS',
  'OVERRIDES',
  'READS',
  'WRITES',
  'THROWS',
  'TYPE_USES',
  'RETURNS_TYPE',
  'PARAM_TYPE',
];

export const exportGraphSchema = z.strictObject({
  format: z.enum(['scip']).default('scip'),
  /** Only what was read of this workspace; without, of all those of the project. */
  workspaceId: uuidSchema.optional(),
});
export type ExportGraph = z.input<typeof exportGraphSchema>;

export const exportedGraphSchema = z.object({
  format: z.enum(['scip']),
  /** The index, packed by gzip. */
  base64: z.string(),
  documents: z.int(),
  symbols: z.int(),
  occurrences: z.int(),
  /** What the format has no room for, by why. */
  leftOut: z.record(z.string(), z.int()),
});
export type ExportedGraph = z.infer<typeof exportedGraphSchema>;

export interface ExportParts {
  database: Database;
  workspaces: Pick<Workspaces, 'get'>;
  /** Symbols and relationships of one index; by default as many as a report of one may come to. */
  most?: number;
}

/** The code graph in formats of other tools. */
export class GraphExports {
  readonly #parts: ExportParts;

  constructor(parts: ExportParts) {
    this.#parts = parts;
  }

  /**
   * What the code defines and uses, as it is now. Relationships remember 20 places at most, and an index has no others.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND, GRAPH_EXPORT_TOO_LARGE
   */
  async export(projectId: string, input: ExportGraph): Promise<ExportedGraph> {
    const { format, workspaceId = null } = parseInput(exportGraphSchema, input);
    const { database, workspaces, most = MOST_REPORTED } = this.#parts;
    if (workspaceId !== null) await workspaces.get(projectId, workspaceId);
    const isolation = { isolation: 'repeatable read', readOnly: true } as const;
    const code = await database.transaction((tx) => readCode(tx, projectId, workspaceId, most), isolation);
    // Its library is loaded with the first export.
    const { scipDocument, scipMetadata } = await import('../indexers/scip/write-scip.ts');
    const parts = [scipMetadata({ name: 'signalbox', version: '1' })];
    const counts = { documents: 0, symbols: 0, occurrences: 0 };
    let unnamed = 0;
    for (const path of [...code.files.keys()].sort()) {
      const { symbols, uses } = code.files.get(path) ?? { symbols: [], uses: [] };
      const document = scipDocument(path, symbols, uses, code.kinds);
      parts.push(document.bytes);
      counts.documents += 1;
      counts.symbols += document.symbols;
      counts.occurrences += document.occurrences;
      unnamed += document.unnamed;
      // Others have their turn between two files.
      await turn();
    }
    const base64 = (await packed(Buffer.concat(parts))).toString('base64');
    const told = { 'of what nothing but a name is known': unnamed, 'of which no place is known': code.placeless };
    const leftOut = Object.fromEntries(Object.entries(told).filter(([, count]) => count > 0));
    return { format, base64, ...counts, leftOut };
  }
}

interface Code {
  files: Map<string, { symbols: ExportedSymbol[]; uses: ExportedUse[] }>;
  kinds: Map<string, string>;
  /** Uses of which nobody said where they are. */
  placeless: number;
}

async function readCode(db: Executor, projectId: string, workspaceId: string | null, most: number): Promise<Code> {
  const code: Code = { files: new Map(), kinds: new Map(), placeless: 0 };
  let room = most;
  const take = (count: number) => {
    room -= count;
    if (room < 0) throw new SignalboxError('GRAPH_EXPORT_TOO_LARGE', { limit: most });
  };
  const fileOf = (path: string) => {
    const file = code.files.get(path) ?? { symbols: [], uses: [] };
    code.files.set(path, file);
    return file;
  };
  for await (const symbols of readExportedSymbols(db, projectId, workspaceId)) {
    take(symbols.length);
    for (const one of symbols) {
      fileOf(one.path).symbols.push(one);
      code.kinds.set(one.id, one.kind);
    }
  }
  for await (const uses of readExportedUses(db, projectId, workspaceId, USES)) {
    take(uses.length);
    for (const { places, ...use } of uses) {
      const byPath = Map.groupBy(places.filter(isWhole), ({ path }) => path);
      if (byPath.size === 0) code.placeless += 1;
      for (const [path, own] of byPath) fileOf(path).uses.push({ ...use, places: own });
    }
  }
  return code;
}

function isWhole(place: Place): place is Required<Place> {
  return place.path !== undefined && (place.line ?? 0) >= 1 && (place.column ?? 0) >= 1;
}
