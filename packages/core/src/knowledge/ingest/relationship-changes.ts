import { isDeepStrictEqual } from 'node:util';
import { familyOf, type RelationshipType } from '../vocabulary/relationship-type.ts';
import { ASSERTED, type StatedEdge } from './batch.ts';
import { byPrecedence } from './entity-changes.ts';
import { ended, type Interval, type NextInterval, putBack, restated } from './interval.ts';
import { confidenceOf, type FactData, type FactStatement, foldFacts, tell } from './merge-facts.ts';

/** A relationship as its row has it. */
export interface RelationshipRow {
  id: string;
  type: RelationshipType;
  fromId: string;
  toId: string;
  confidence: number | null;
  data: FactData;
  units: string[];
  /** By unit; null unless there are several. */
  statements: Record<string, FactStatement> | null;
  /** Of the only statement. */
  scanId: string | null;
  /** ISO 8601, of its last segment. */
  validFrom: string;
  validTo: string | null;
  changeSetId: string | null;
}

/** A time in which a relationship held, before its last one. */
export interface ClosedSegment {
  openedAt: string;
  closedAt: string;
  changeSetId: string | null;
}

export interface RelationshipChange {
  row: RelationshipRow;
  kind: 'added' | 'changed' | 'removed';
  closed: ClosedSegment | null;
}

export interface Saying {
  at: Date;
  scanId: string | null;
  changeSetId: string | null;
  /** Units that say all that they have to say. */
  replaced: ReadonlySet<string>;
}

/** What becomes of a row when its units say this; null where nothing changes. @param silent units that say it no more */
export function changeRelationship(
  id: string,
  stored: RelationshipRow | undefined,
  said: StatedEdge | undefined,
  silent: ReadonlySet<string>,
  saying: Saying,
): RelationshipChange | null {
  const statements = new Map(stored ? statementsOf(stored) : []);
  for (const unit of silent) statements.delete(unit);
  if (!said) return stored ? withdrawn(stored, statements, saying) : null;
  const { at, scanId, changeSetId, replaced } = saying;
  // Counts and the first time it was seen outlive a time in which nobody said it.
  const remembered = stored && stored.units.length === 0 ? { scanId: null, fact: stored.data } : undefined;
  const family = familyOf(said.type) ?? 'structural';
  for (const [unit, fact] of said.facts) {
    const before = statements.get(unit);
    const replace = replaced.has(unit) || before === undefined;
    statements.set(unit, tell(before ?? remembered, fact, { scanId, at, replace, family }));
  }
  const next = restated(stored ? intervalOf(stored) : null, said, at);
  return restatedRow({ id, ...endsOf(said) }, stored, statements, next, changeSetId);
}

/**
 * What becomes of a row when people's word of it is put back as it was: nothing is counted or joined, but for what others say.
 * @param word what people say of it; null for nothing @param to until when it holds
 */
export function putBackRelationship(
  id: string,
  stored: RelationshipRow | undefined,
  word: (Ends & { fact: FactData; to: Date | null }) | null,
  at: Date,
): RelationshipChange | null {
  const statements = new Map(stored ? statementsOf(stored) : []);
  if (word) statements.set(ASSERTED, { scanId: null, fact: word.fact });
  else statements.delete(ASSERTED);
  if (!word) return stored ? withdrawn(stored, statements, { at }) : null;
  const next = putBack(stored ? intervalOf(stored) : null, word.to, at);
  return restatedRow({ id, ...endsOf(word) }, stored, statements, next, null);
}

type Ends = Pick<RelationshipRow, 'type' | 'fromId' | 'toId'>;

function endsOf({ type, fromId, toId }: Ends): Ends {
  return { type, fromId, toId };
}

function restatedRow(
  named: Ends & { id: string },
  stored: RelationshipRow | undefined,
  statements: ReadonlyMap<string, FactStatement>,
  next: NextInterval,
  changeSetId: string | null,
): RelationshipChange | null {
  const opens = !stored || next.closed !== null;
  const row = {
    ...merged(named, statements),
    validFrom: next.last.from.toISOString(),
    validTo: next.last.to?.toISOString() ?? null,
    changeSetId: opens ? changeSetId : stored.changeSetId,
  };
  if (stored && isDeepStrictEqual({ ...row, scanId: null }, { ...stored, scanId: null })) return null;
  return {
    row,
    kind: opens || stored.validTo !== null ? 'added' : 'changed',
    closed: stored ? segment(stored, next.closed) : null,
  };
}

function withdrawn(
  stored: RelationshipRow,
  statements: ReadonlyMap<string, FactStatement>,
  { at }: Pick<Saying, 'at'>,
): RelationshipChange | null {
  if (statements.size === stored.units.length) return null;
  if (statements.size > 0) return { row: { ...stored, ...merged(stored, statements) }, kind: 'changed', closed: null };
  const { to } = ended(intervalOf(stored), at);
  const row = { ...stored, units: [], statements: null, scanId: null, validTo: (to ?? at).toISOString() };
  return { row, kind: 'removed', closed: null };
}

function merged(
  { id, type, fromId, toId }: Pick<RelationshipRow, 'id' | 'type' | 'fromId' | 'toId'>,
  statements: ReadonlyMap<string, FactStatement>,
): Omit<RelationshipRow, 'validFrom' | 'validTo' | 'changeSetId'> {
  const units = [...statements.keys()].sort(byPrecedence);
  const ordered = units.flatMap((unit) => statements.get(unit) ?? []);
  const data = foldFacts(ordered.map(({ fact }) => fact));
  const [only] = ordered;
  const single = ordered.length === 1;
  return {
    id,
    type,
    fromId,
    toId,
    confidence: confidenceOf(data),
    data,
    units,
    statements: single ? null : Object.fromEntries(statements),
    scanId: single ? (only?.scanId ?? null) : null,
  };
}

function statementsOf({ units, statements, scanId, data }: RelationshipRow): [string, FactStatement][] {
  return statements ? Object.entries(statements) : units.map((unit) => [unit, { scanId, fact: data }]);
}

function intervalOf({ validFrom, validTo }: RelationshipRow): Interval {
  return { from: new Date(validFrom), to: validTo === null ? null : new Date(validTo) };
}

function segment({ changeSetId }: RelationshipRow, closed: Interval | null): ClosedSegment | null {
  if (!closed?.to) return null;
  return { openedAt: closed.from.toISOString(), closedAt: closed.to.toISOString(), changeSetId };
}
