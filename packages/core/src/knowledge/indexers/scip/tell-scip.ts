import { createHash } from 'node:crypto';
import { storableText } from '../../../platform/json/storable-json.ts';
import type { RawEdge } from '../../edges/raw-edge.ts';
import { MOST_PLACES } from '../../vocabulary/relationship.ts';
import { innermost, type Place } from './enclosing.ts';
import type { ScipDocument, ScipIndex, ScipSymbol } from './read-scip.ts';
import { ROLE } from './schema.ts';
import { type Identified, SymbolHomes } from './symbol-homes.ts';
import { kindOf } from './symbol-kinds.ts';

const MOST_TEXT = 2_000;

/** A symbol as an index tells of it; when it was told is added where it is taken in. */
export type ToldSymbol = Readonly<Record<string, unknown>> & { readonly id: string; readonly hash: string };

/** What an index says of one file. */
export interface ToldDocument {
  path: string;
  symbols: ToldSymbol[];
  relationships: RawEdge[];
}

/**
 * What an index says of each document: what it defines, and what that refers to. Symbols get the ids that indexers of sources give them, so
 * that both say the same of the same; their word counts before this.
 */
export function tellScip({ tool, documents }: ScipIndex): ToldDocument[] {
  const homes = new SymbolHomes();
  for (const { relativePath, occurrences } of documents) {
    for (const { symbol, symbolRoles } of occurrences)
      if (symbolRoles & ROLE.definition) homes.add(symbol, relativePath);
  }
  return documents.map((one) => tellDocument(one, homes, tool));
}

interface Defined extends Identified {
  range: readonly number[];
  /** All that belongs to it; null where the index does not say. */
  extent: readonly number[] | null;
  about: ScipSymbol | undefined;
}

function tellDocument(document: ScipDocument, homes: SymbolHomes, tool: string): ToldDocument {
  const { relativePath: path, language, occurrences, symbols } = document;
  const file = `file:${path}`;
  const defined = definitionsIn(document, homes);
  const byNames = new Map([...defined].map(([id, { names }]) => [JSON.stringify(names), id]));
  const edges = new EdgesOf(path, tool);
  for (const [id, { names, range }] of defined) {
    const owner = byNames.get(JSON.stringify(names.slice(0, -1))) ?? file;
    edges.add(owner === file ? 'DEFINES' : 'CONTAINS', owner, id, range);
  }
  const references = occurrences.filter(({ symbolRoles }) => (symbolRoles & ROLE.definition) === 0);
  const extents = [...defined].flatMap(([id, { extent }]) =>
    extent ? [{ id, from: startOf(extent), to: endOf(extent) }] : [],
  );
  const owners = innermost(
    extents,
    references.map(({ range }) => startOf(range)),
  );
  references.forEach(({ symbol, symbolRoles, range }, n) => {
    const to = homes.identify(symbol)?.id;
    if (to === undefined) return;
    if (symbolRoles & ROLE.import) edges.add('IMPORTS', file, to, range);
    else edges.add(typeOfUse(symbolRoles), owners[n] ?? file, to, range);
  });
  for (const { symbol, relationships } of symbols) {
    const from = homes.identify(symbol);
    const range = from && defined.get(from.id)?.range;
    for (const one of range ? relationships : []) {
      const to = one.isImplementation ? homes.identify(one.symbol) : null;
      if (from && to && range) edges.add(from.names.length > 1 ? 'OVERRIDES' : 'IMPLEMENTS', from.id, to.id, range);
    }
  }
  const told = [...defined].map(([id, one]) => toldSymbol(id, one, path, language));
  return { path, symbols: told, relationships: edges.all };
}

function typeOfUse(roles: number): string {
  if (roles & ROLE.write) return 'WRITES';
  return roles & ROLE.read ? 'READS' : 'REFERENCES';
}

/** By id, the first of each. */
function definitionsIn({ relativePath, occurrences, symbols }: ScipDocument, homes: SymbolHomes): Map<string, Defined> {
  const about = new Map(symbols.map((one) => [one.symbol, one]));
  const found = new Map<string, Defined>();
  for (const { symbol, symbolRoles, range, enclosingRange } of occurrences) {
    const identified = symbolRoles & ROLE.definition ? homes.identify(symbol) : null;
    if (!identified || identified.home !== relativePath || identified.names.length === 0) continue;
    if (found.has(identified.id)) continue;
    const extent = enclosingRange.length > 0 ? enclosingRange : null;
    found.set(identified.id, { ...identified, range, extent, about: about.get(symbol) });
  }
  return found;
}

/** Relationships of one file, each with the places at which it is seen. */
class EdgesOf {
  readonly #path: string;
  readonly #tool: string;
  readonly #edges = new Map<string, { type: string; from: string; to: string; places: RawEdge[]; count: number }>();

  constructor(path: string, tool: string) {
    this.#path = path;
    this.#tool = storableText(tool);
  }

  /** What refers to itself tells nothing. */
  add(type: string, from: string, to: string, range: readonly number[]): void {
    if (from === to) return;
    const key = JSON.stringify([type, from, to]);
    const edge = this.#edges.get(key) ?? { type, from, to, places: [], count: 0 };
    const [line, column] = startOf(range);
    edge.count += 1;
    if (edge.places.length < MOST_PLACES) edge.places.push({ path: this.#path, line: line + 1, column: column + 1 });
    this.#edges.set(key, edge);
  }

  get all(): RawEdge[] {
    return [...this.#edges.values()].map(({ type, from, to, places, count }): RawEdge => {
      const edge = { type, fromEntityId: from, toEntityId: to, locations: places, confidence: 1 };
      if (type === 'DEFINES' || type === 'CONTAINS' || type === 'IMPORTS') return edge;
      const [location] = places;
      const evidence = [{ source: 'index', confidence: 1, location, extractorVersion: this.#tool }];
      return { ...edge, source: 'index', resolved: true, location, occurrencesScan: count, evidence };
    });
  }
}

function startOf([line = 0, column = 0]: readonly number[]): Place {
  return [line, column];
}

function endOf([line = 0, , third = 0, fourth]: readonly number[]): Place {
  return fourth === undefined ? [line, third] : [third, fourth];
}

function toldSymbol(id: string, symbol: Defined, path: string, language: string): ToldSymbol {
  const { names, suffix, range, extent, about } = symbol;
  const [signature = '', ...documentation] = (about?.documentation ?? []).map(storableText);
  const [line, column] = startOf(extent ?? range);
  const name = names.join('.');
  const text = signature.replace(/^```\w*\n|\n?```\s*$/g, '').trim();
  return {
    ...{ id, type: 'symbol', path, language: language.toLowerCase(), name },
    hash: createHash('sha256')
      .update(JSON.stringify([id, about ?? null]))
      .digest('hex')
      .slice(0, 32),
    kind: kindOf(about?.kind ?? 0, suffix, names.length > 1),
    signature: cut(text || name),
    docstring: cut(documentation.join('\n')),
    visibility: 'public',
    isExported: false,
    isDeprecated: false,
    location: { line: line + 1, column: column + 1, ...(extent ? { endLine: lastLineOf(extent) } : {}) },
  };
}

/** From 1. What ends before the first column of a line does not have that line. */
function lastLineOf(extent: readonly number[]): number {
  const [line, column] = endOf(extent);
  return column === 0 ? Math.max(line, startOf(extent)[0] + 1) : line + 1;
}

function cut(text: string): string {
  return text.slice(0, MOST_TEXT).toWellFormed();
}
