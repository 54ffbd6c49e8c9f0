import { createHash } from 'node:crypto';
import { cleanNumber, isRecord } from '../edges/clean-values.ts';
import type { RawEdge } from '../edges/raw-edge.ts';
import { canonicalType, familyOf, type RelationshipTypeOf } from '../vocabulary/relationship-type.ts';
import { documentationKey } from './documentation-key.ts';
import { environmentName, metricName, plainName, sessionName } from './names.ts';
import { targetKey } from './target-key.ts';

const STRUCTURAL_PREFIX = 'time-rel_';
const LEGACY_PREFIX = 'rel_';

/**
 * The id of an edge: the same for whoever finds the same edge (KG-122). It is computed from the edge as it is stored; for a raw one it
 * comes out the same, as far as the type's name (KG-033) and where a reference stands (KG-121) are concerned.
 */
export function relationshipId(edge: RawEdge): string {
  const type = canonicalType(plainName(edge.type));
  const told = isRecord(edge.metadata) ? edge.metadata : {};
  const from = textOf(edge.fromEntityId);
  const to = textOf(edge.toEntityId);
  switch (familyOf(type)) {
    case 'structural':
      return hashed(STRUCTURAL_PREFIX, [from, targetKey(edge), type]);
    case 'code':
      return hashed('rel_', [from, targetKey(edge), type]);
    case 'session': {
      const session = sessionName(edge.sessionId ?? told.sessionId ?? from);
      const sequence = Math.max(0, Math.floor(cleanNumber(edge.sequenceNumber ?? told.sequenceNumber) ?? 0));
      // Both ends, since one event may be about several entities (KG-124).
      return hashed('rel_session_', [session, String(sequence), type, from, to]);
    }
    case 'performance': {
      const metric = metricName(edge.metricId ?? told.metricId ?? to);
      const environment = environmentName(edge.environment ?? told.environment);
      const scenario = plainName(edge.scenario ?? told.scenario).toLowerCase();
      return hashed('rel_perf_', [from, to, type, metric, environment, scenario]);
    }
    case 'documentation': {
      const key = documentationKey(type as RelationshipTypeOf<'documentation'>, edge, told);
      return hashed('rel_', [from, ...key, type]);
    }
    default:
      return hashed('rel_', [from, to, type]);
  }
}

/** Under what id a structural edge was stored before its prefix changed; null for all others (KG-130). */
export function legacyStructuralId(id: string, type: string): string | null {
  if (familyOf(type) !== 'structural') return null;
  if (id.startsWith(STRUCTURAL_PREFIX)) return LEGACY_PREFIX + id.slice(STRUCTURAL_PREFIX.length);
  return id.startsWith(LEGACY_PREFIX) ? id : null;
}

/** 40 hex digits: only who can tell what it is of has to be told apart, nobody is kept from making one. */
function hashed(prefix: string, parts: readonly string[]): string {
  return prefix + createHash('sha1').update(parts.map(escaped).join('|')).digest('hex');
}

/** Without the separator, so that no two lists of parts join to one text (KG-131). What has no separator stays as it is. */
function escaped(part: string): string {
  return /\||%(?:25)*7C/.test(part) ? part.replaceAll('%', '%25').replaceAll('|', '%7C') : part;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
