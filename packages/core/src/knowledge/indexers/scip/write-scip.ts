import { create, toBinary } from '@bufbuild/protobuf';
import { symbolIdParts } from '../symbol-id.ts';
import { ROLE, SCIP_INDEX, UTF8, UTF16_COLUMNS } from './schema.ts';
import { scipKind } from './symbol-kinds.ts';
import { symbolText } from './symbol-text.ts';

/** A symbol as the graph has it. Lines and columns from 1; null where the graph does not know. */
export interface ExportedSymbol {
  id: string;
  path: string;
  language: string;
  kind: string;
  signature: string;
  docstring: string;
  line: number | null;
  column: number | null;
  endLine: number | null;
  /** UTF-16 units. */
  length: number | null;
}

/** That something is used, and where. */
export interface ExportedUse {
  type: string;
  fromId: string;
  toId: string;
  places: readonly { path: string; line: number; column: number }[];
}

/** What an index says of one file. */
export interface ScipOutput {
  bytes: Uint8Array;
  symbols: number;
  occurrences: number;
  /** Uses of what SCIP has no name for. */
  unnamed: number;
}

interface Occurrence {
  range: number[];
  symbol: string;
  symbolRoles: number;
  enclosingRange: number[];
}

/** How every index begins; what {@link scipDocument} gives of each file comes after it, in any order. */
export function scipMetadata(tool: { name: string; version: string }): Uint8Array {
  return encoded({ metadata: { toolInfo: tool, textDocumentEncoding: UTF8 } });
}

/**
 * One file with all that it defines and uses. Of a place the graph knows where it begins: that it ends with the name is what an index adds.
 * @param kinds by id, of symbols of all files
 */
export function scipDocument(
  path: string,
  symbols: readonly ExportedSymbol[],
  uses: readonly ExportedUse[],
  kinds: ReadonlyMap<string, string>,
): ScipOutput {
  const textOf = (id: string) => symbolText(id, kinds.get(id) ?? null);
  const own = symbolText(`file:${path}`, null);
  const file = { range: [0, 0, 0], symbol: own ?? '', symbolRoles: ROLE.definition, enclosingRange: [] };
  const occurrences: Occurrence[] = own === null ? [] : [file];
  const implemented = new Map<string, Set<string>>();
  let unnamed = 0;
  for (const one of symbols) {
    const symbol = textOf(one.id);
    if (symbol === null) unnamed += 1;
    else occurrences.push({ symbol, symbolRoles: ROLE.definition, ...placesOf(one) });
  }
  for (const { type, fromId, toId, places } of uses) {
    const symbol = textOf(toId);
    if (symbol === null) unnamed += 1;
    else {
      for (const one of places) {
        const range = rangeOf(one.line, one.column, lastName(toId).length);
        occurrences.push({ range, symbol, symbolRoles: rolesOf(type), enclosingRange: [] });
      }
      if (IMPLEMENTED.has(type)) implemented.set(fromId, (implemented.get(fromId) ?? new Set()).add(symbol));
    }
  }
  const about = symbols.flatMap(({ id, kind, signature, docstring }) => {
    const symbol = textOf(id);
    const relationships = [...(implemented.get(id) ?? [])].map((to) => ({ symbol: to, isImplementation: true }));
    const documentation = [`\`\`\`\n${signature}\n\`\`\``, ...(docstring === '' ? [] : [docstring])];
    return symbol === null
      ? []
      : [{ symbol, documentation, relationships, kind: scipKind(kind), displayName: lastName(id) }];
  });
  const language = symbols[0]?.language ?? '';
  const document = { relativePath: path, language, positionEncoding: UTF16_COLUMNS, symbols: about };
  const bytes = encoded({ documents: [{ ...document, occurrences: occurrences.sort(byPlace) }] });
  return { bytes, symbols: about.length, occurrences: occurrences.length, unnamed };
}

const IMPLEMENTED = new Set(['IMPLEMENTS', 'EXTENDS', 'OVERRIDES']);

function rolesOf(type: string): number {
  if (type === 'IMPORTS') return ROLE.import;
  if (type === 'WRITES') return ROLE.write;
  return type === 'READS' ? ROLE.read : 0;
}

/** The graph knows where a declaration begins; its name stands somewhere in what is declared. */
function placesOf({ id, signature, line, column, endLine, length }: ExportedSymbol) {
  const name = lastName(id);
  if (line === null || column === null) return { range: [0, 0, 0], enclosingRange: [] };
  const at = nameWithin(signature, name);
  const range = rangeOf(line, column + Math.max(at, 0), at < 0 ? 0 : name.length);
  if (endLine === null) return { range, enclosingRange: [] };
  // Of the last of several lines no more is known than that it is the last.
  const end = endLine === line && length !== null ? [column - 1 + length] : [endLine, 0];
  return { range, enclosingRange: [line - 1, column - 1, ...end] };
}

function nameWithin(signature: string, name: string): number {
  const pattern = `(?<![\\w$])${name.replace(/[^\w$]/g, '\\$&')}(?![\\w$])`;
  return name === '' ? -1 : signature.search(new RegExp(pattern));
}

function rangeOf(line: number, column: number, length: number): number[] {
  return [line - 1, column - 1, column - 1 + length];
}

function lastName(id: string): string {
  const name = symbolIdParts(id)?.name ?? id.split('#')[1] ?? '';
  return name.split('.').at(-1) ?? '';
}

function byPlace(a: Occurrence, b: Occurrence): number {
  return (a.range[0] ?? 0) - (b.range[0] ?? 0) || (a.range[1] ?? 0) - (b.range[1] ?? 0);
}

function encoded(index: Record<string, unknown>): Uint8Array {
  return toBinary(SCIP_INDEX, create(SCIP_INDEX, index));
}
