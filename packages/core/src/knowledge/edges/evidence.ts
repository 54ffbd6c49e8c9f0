import type { EdgeEvidence } from '../vocabulary/edge-place.ts';
import { MOST_PLACES } from '../vocabulary/relationship.ts';
import type { CodeSource } from '../vocabulary/terms.ts';
import { cleanConfidence, cleanText, isRecord } from './clean-values.ts';
import { normaliseSource, rankOf } from './code-source.ts';
import { cleanLocation, placeKey } from './locations.ts';

/** Most UTF-16 units of a note and of an extractor's version (KG-061). */
const MOST_NOTE = 2_000;
const MOST_VERSION = 200;

/** Parts of evidence, cleaned; those that are not usable are left out. */
export function evidenceOf(
  source: CodeSource,
  parts: { confidence?: unknown; location?: unknown; note?: unknown; extractorVersion?: unknown },
): EdgeEvidence {
  const evidence: EdgeEvidence = { source };
  const confidence = cleanConfidence(parts.confidence);
  if (confidence !== undefined) evidence.confidence = confidence;
  const location = cleanLocation(parts.location);
  if (location) evidence.location = location;
  const note = cleanText(parts.note, MOST_NOTE, { breaks: true });
  if (note !== undefined) evidence.note = note;
  const extractorVersion = cleanText(parts.extractorVersion, MOST_VERSION);
  if (extractorVersion !== undefined) evidence.extractorVersion = extractorVersion;
  return evidence;
}

/** The usable ones of whatever was given as a list (KG-067). @param fallback of those that name no source */
export function cleanEvidence(value: unknown, fallback: CodeSource): EdgeEvidence[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.filter(isRecord).map((item) => evidenceOf(normaliseSource(item.source) ?? fallback, item));
}

type Given = readonly (EdgeEvidence | null | undefined)[] | null | undefined;

/**
 * That of both: by the rank of its source, then by line, those without one last; each source says something of a place once
 * (KG-062). Of two that say the same the first stays, with the higher confidence, and with the other's note and version where
 * it has none (KG-064).
 */
export function mergeEvidence(a: Given, b: Given, limit: number = MOST_PLACES): EdgeEvidence[] {
  const entries = [...(a ?? []), ...(b ?? [])].filter((entry) => entry !== null && entry !== undefined);
  const sorted = entries.sort((x, y) => rankOf(y.source) - rankOf(x.source) || compareLines(lineOf(x), lineOf(y)));
  const merged = new Map<string, EdgeEvidence>();
  for (const entry of sorted) {
    const key = `${entry.source} ${placeKey(entry.location)}`;
    const first = merged.get(key);
    merged.set(key, first ? joined(first, entry) : entry);
  }
  return [...merged.values()].slice(0, Math.max(0, limit));
}

function joined(first: EdgeEvidence, { confidence, note, extractorVersion }: EdgeEvidence): EdgeEvidence {
  const both = { ...first };
  if (confidence !== undefined) both.confidence = Math.max(confidence, first.confidence ?? 0);
  if (note !== undefined) both.note ??= note;
  if (extractorVersion !== undefined) both.extractorVersion ??= extractorVersion;
  return both;
}

function lineOf({ location }: EdgeEvidence): number {
  return location?.line ?? Number.POSITIVE_INFINITY;
}

function compareLines(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
