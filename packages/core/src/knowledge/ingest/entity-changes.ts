import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../platform/content/index.ts';
import { ASSERTED, type EntityFact } from './batch.ts';
import { foldEntity } from './fold-entity.ts';

/** An entity as its row has it. */
export interface EntityRow extends EntityFact {
  id: string;
  units: string[];
  /** By unit; null unless there are several. */
  statements: Record<string, EntityFact> | null;
  /** ISO 8601. */
  validFrom: string;
  validTo: string | null;
}

/** What an entity was, as far as its versions tell. */
export interface VersionKey {
  hash: string;
  path: string | null;
  language: string | null;
}

export interface EntityChange {
  row: EntityRow;
  kind: 'added' | 'changed' | 'removed';
  /** The version that begins with it. */
  begins: VersionKey | null;
  /** What the version that ends with it said. */
  ends: EntityFact['data'] | null;
}

/** What becomes of a row when its units say this; null where nothing changes. @param silent units that say it no more */
export function changeEntity(
  id: string,
  stored: EntityRow | undefined,
  said: ReadonlyMap<string, EntityFact>,
  silent: ReadonlySet<string>,
  at: Date,
): EntityChange | null {
  const statements = new Map(stored ? statementsOf(stored) : []);
  for (const unit of silent) statements.delete(unit);
  for (const [unit, fact] of said) statements.set(unit, fact);
  const units = [...statements.keys()].sort(byPrecedence);
  const fact = foldEntity(units.flatMap((unit) => statements.get(unit) ?? []));
  if (!fact) {
    if (!stored || stored.validTo !== null) return null;
    const validTo = later(stored.validFrom, at);
    return { row: { ...stored, units, statements: null, validTo }, kind: 'removed', begins: null, ends: stored.data };
  }
  const gone = stored !== undefined && stored.validTo !== null;
  const row: EntityRow = {
    id,
    ...fact,
    units,
    statements: units.length > 1 ? Object.fromEntries(statements) : null,
    validFrom: stored?.validFrom ?? at.toISOString(),
    validTo: null,
  };
  if (stored && isDeepStrictEqual(row, stored)) return null;
  const begins = versionKey(fact);
  if (!stored || gone) return { row, kind: 'added', begins, ends: null };
  const same = isDeepStrictEqual(versionKey(stored), begins);
  return { row, kind: 'changed', begins: same ? null : begins, ends: same ? null : stored.data };
}

function statementsOf({ units, statements, type, data }: EntityRow): [string, EntityFact][] {
  return statements ? Object.entries(statements) : units.map((unit) => [unit, { type, data }]);
}

/** Entities without a hash of their own are told apart by all they say. */
function versionKey({ data }: EntityFact): VersionKey {
  const { hash, path, language } = data;
  return {
    hash: typeof hash === 'string' ? hash : createHash('sha256').update(canonicalJson(data)).digest('hex'),
    path: typeof path === 'string' ? path : null,
    language: typeof language === 'string' ? language : null,
  };
}

/** Whoever comes last is believed: people, so that what is indexed never hides what they say. */
export function byPrecedence(a: string, b: string): number {
  if (a === b) return 0;
  return a === ASSERTED || (b !== ASSERTED && a > b) ? 1 : -1;
}

function later(least: string, at: Date): string {
  const text = at.toISOString();
  return text < least ? least : text;
}
