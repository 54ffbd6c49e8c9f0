import type { RawEdge } from '../../edges/raw-edge.ts';
import type { RelationshipType } from '../../vocabulary/relationship-type.ts';

/** One place where something of the code leads to something else. */
export interface Occurrence {
  type: RelationshipType;
  fromId: string;
  toId: string;
  /** From 1; null where it stands at no place of the file. */
  line: number | null;
  /** From 1, in UTF-16 units. */
  column: number | null;
  /** What else is to say: kind, arity, alias and others of the edge's fields. */
  says: RawEdge;
}

/** Most places that an edge names (KG-061). */
const MOST_PLACES = 20;

/** Occurrences as edges: all of one type between the same two are one edge, which says what the first of them says. */
export function edgesOf(path: string, occurrences: readonly Occurrence[]): RawEdge[] {
  const edges = new Map<string, Occurrence[]>();
  const numbers = new Map<string, number>();
  // Ids are long texts: a few characters tell them apart in one file.
  const numberOf = (id: string): number => {
    const known = numbers.get(id) ?? numbers.size;
    numbers.set(id, known);
    return known;
  };
  for (const one of occurrences) {
    // That a thing refers to itself tells nobody anything; that it calls itself does.
    if (one.fromId === one.toId && one.type !== 'CALLS') continue;
    const key = `${numberOf(one.fromId)} ${one.type} ${numberOf(one.toId)}`;
    const same = edges.get(key);
    if (same) same.push(one);
    else edges.set(key, [one]);
  }
  return [...edges.values()].map((same) => edgeOf(path, same));
}

const STRUCTURAL = new Set<RelationshipType>(['CONTAINS', 'DEFINES', 'EXPORTS', 'IMPORTS']);

function edgeOf(path: string, same: readonly Occurrence[]): RawEdge {
  const [first] = same;
  const { type, fromId: fromEntityId, toId: toEntityId, says } = first as Occurrence;
  const ends = { type, fromEntityId, toEntityId };
  const places = same.flatMap((one) => (one.line === null ? [] : { path, line: one.line, column: one.column }));
  const locations = places.slice(0, MOST_PLACES);
  const scope = scopeOf(path, toEntityId);
  if (STRUCTURAL.has(type)) return { ...ends, locations, language: languageOf(path), scope, confidence: 1, ...says };
  if (type === 'TESTS') return { ...ends, locations, ...says };
  return {
    ...ends,
    source: 'type-checker',
    usedTypeChecker: true,
    resolved: true,
    inferred: false,
    confidence: 1,
    location: locations[0],
    locations,
    occurrencesScan: same.length,
    scope,
    resolution: scope === 'local' ? 'direct' : 'via-import',
    ...says,
  };
}

function scopeOf(path: string, id: string): 'local' | 'imported' | 'external' | 'unknown' {
  if (id.startsWith('external:')) return 'external';
  if (id.startsWith('import:')) return 'unknown';
  const encoded = path.replaceAll('#', '%23');
  return id === `file:${path}` || id.startsWith(`sym:${encoded}#`) ? 'local' : 'imported';
}

export function languageOf(path: string): string {
  return /\.[cm]?jsx?$/.test(path) ? 'javascript' : 'typescript';
}
