import { mergeEvidence } from '../edges/evidence.ts';
import { mergeLocations } from '../edges/locations.ts';
import { mergeSites } from '../edges/sites.ts';
import type { DocEvidence } from '../vocabulary/documentation-edge.ts';
import type { EdgeEvidence, EdgeLocation } from '../vocabulary/edge-place.ts';
import { MOST_PLACES } from '../vocabulary/relationship.ts';
import type { RelationshipFamily } from '../vocabulary/relationship-type.ts';

/** What is said of an edge besides its type, its ends and its time, as JSON. */
export interface FactData {
  evidence?: (EdgeEvidence | DocEvidence)[];
  locations?: EdgeLocation[];
  sites?: string[];
  sitesDropped?: number;
  metadata?: Record<string, unknown>;
  confidence?: number;
  occurrencesScan?: number;
  occurrencesTotal?: number;
  occurrencesRecent?: number;
  /** ISO 8601. */
  firstSeenAt?: string;
  lastSeenAt?: string;
  [field: string]: unknown;
}

/** What one unit says of an edge, and in which of its scans it did last. */
export interface FactStatement {
  scanId: string | null;
  fact: FactData;
}

/** After this time an occurrence counts half among the recent ones. */
const HALF_LIFE_MS = 7 * 24 * 3600 * 1000;

export interface Telling {
  scanId: string | null;
  at: Date;
  /** The unit says all that it has to say: what it said before counts no more. Else it adds to that. */
  replace: boolean;
  family: RelationshipFamily;
}

/** What a unit says of an edge, once it has said this (KG-132). Saying it again within the same scan changes nothing. */
export function tell(before: FactStatement | undefined, seen: FactData, telling: Telling): FactStatement {
  const { scanId, at, replace, family } = telling;
  const again = before !== undefined && scanId !== null && before.scanId === scanId;
  const fact = before && !replace ? joinFacts(before.fact, seen) : { ...seen };
  if (seen.occurrencesScan !== undefined)
    Object.assign(fact, counted(before?.fact, seen.occurrencesScan, seen, at, again));
  else if (before) keep(fact, before.fact, ['occurrencesTotal', 'occurrencesRecent']);
  if (family === 'code' || family === 'structural') {
    const first = seen.firstSeenAt ?? at.toISOString();
    const last = seen.lastSeenAt ?? at.toISOString();
    fact.firstSeenAt = least(first, before?.fact.firstSeenAt);
    fact.lastSeenAt = again ? (before.fact.lastSeenAt ?? last) : greatest(last, before?.fact.lastSeenAt);
  }
  return { scanId, fact };
}

/** How often: in this scan, ever, and lately. */
function counted(
  before: FactData | undefined,
  scan: number,
  { occurrencesTotal, occurrencesRecent }: FactData,
  at: Date,
  again: boolean,
): FactData {
  if (before?.occurrencesTotal === undefined) {
    return { occurrencesTotal: occurrencesTotal ?? scan, occurrencesRecent: occurrencesRecent ?? scan };
  }
  if (again) return { occurrencesTotal: before.occurrencesTotal, occurrencesRecent: before.occurrencesRecent ?? 0 };
  const age = Math.max(0, at.getTime() - Date.parse(before.lastSeenAt ?? at.toISOString()));
  const recent = (before.occurrencesRecent ?? 0) * 0.5 ** (age / HALF_LIFE_MS);
  return { occurrencesTotal: before.occurrencesTotal + scan, occurrencesRecent: recent + scan };
}

/** What several units say of one edge, as one: what is said first gives way to what is said later, places of both stay. */
export function foldFacts(facts: readonly FactData[]): FactData {
  return facts.reduce((a, b) => {
    const both = joinFacts(a, b);
    for (const name of ['occurrencesScan', 'occurrencesTotal', 'occurrencesRecent'] as const) {
      if (a[name] !== undefined || b[name] !== undefined) both[name] = (a[name] ?? 0) + (b[name] ?? 0);
    }
    if (a.confidence !== undefined) both.confidence = Math.max(a.confidence, b.confidence ?? 0);
    const { firstSeenAt = a.firstSeenAt, lastSeenAt = a.lastSeenAt } = b;
    if (firstSeenAt !== undefined) both.firstSeenAt = least(firstSeenAt, a.firstSeenAt);
    if (lastSeenAt !== undefined) both.lastSeenAt = greatest(lastSeenAt, a.lastSeenAt);
    return both;
  });
}

function joinFacts(a: FactData, b: FactData): FactData {
  const both = { ...a, ...b };
  if (a.evidence && b.evidence) both.evidence = joinEvidence(a.evidence, b.evidence);
  if (a.locations && b.locations) both.locations = mergeLocations(a.locations, b.locations);
  if (a.sites && b.sites) {
    const { sites, dropped } = mergeSites(a.sites, b.sites);
    both.sites = sites;
    const gone = Math.max(a.sitesDropped ?? 0, b.sitesDropped ?? 0) + dropped;
    if (gone > 0) both.sitesDropped = gone;
  }
  if (a.metadata && b.metadata) both.metadata = { ...a.metadata, ...b.metadata };
  return both;
}

function joinEvidence(a: readonly (EdgeEvidence | DocEvidence)[], b: typeof a): (EdgeEvidence | DocEvidence)[] {
  const all = [...a, ...b];
  const ofDocs = all.filter((entry) => 'value' in entry);
  if (ofDocs.length === 0) return mergeEvidence(a.filter(isOfCode), b.filter(isOfCode));
  const once = new Map(ofDocs.map((entry) => [JSON.stringify([entry.type, entry.value]), entry]));
  return [...once.values()].slice(0, MOST_PLACES);
}

function isOfCode(entry: EdgeEvidence | DocEvidence): entry is EdgeEvidence {
  return 'source' in entry;
}

/** How sure an edge is: as it says itself, else as the surest of its evidence (KG-132). */
export function confidenceOf({ confidence, evidence = [] }: FactData): number | null {
  const stated = evidence.filter(isOfCode).flatMap((entry) => entry.confidence ?? []);
  return confidence ?? (stated.length > 0 ? Math.max(...stated) : null);
}

function keep(fact: FactData, before: FactData, names: readonly string[]): void {
  // Not as undefined: what was said would differ from what is stored, each time that it is said.
  for (const name of names) if (before[name] !== undefined) fact[name] ??= before[name];
}
function least(a: string, b: string | undefined): string {
  return b !== undefined && b < a ? b : a;
}
function greatest(a: string, b: string | undefined): string {
  return b !== undefined && b > a ? b : a;
}
