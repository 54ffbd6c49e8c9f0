import { MOST_PLACES } from '../vocabulary/relationship.ts';
import { canonicalType, familyOf, type RelationshipTypeOf } from '../vocabulary/relationship-type.ts';
import type { CodeKind } from '../vocabulary/terms.ts';
import { cleanConfidence, cleanNumber, cleanText, isRecord } from './clean-values.ts';
import { normaliseSource } from './code-source.ts';
import { type FlatRef, flattenRef, readRef } from './endpoint-ref.ts';
import { cleanEvidence, evidenceOf, mergeEvidence } from './evidence.ts';
import { cleanLocations, locationOf, mergeLocations } from './locations.ts';
import { nameOfEdge, type OnEdgeProblem, type RawEdge } from './raw-edge.ts';
import { mergeSites, siteHashOf, siteIdOf } from './sites.ts';

/** What comes up from metadata where the edge itself has nothing (KG-101), but for what is cleaned on the way. */
const HOISTED = [
  'kind',
  'resolution',
  'scope',
  'arity',
  'awaited',
  'operator',
  'importDepth',
  'usedTypeChecker',
  'isExported',
  'accessPath',
  'dataFlowId',
  'inferred',
  'resolved',
  'callee',
  'paramName',
  'importAlias',
  'receiverType',
  'dynamicDispatch',
  'overloadIndex',
  'genericArguments',
  'ambiguous',
  'candidateCount',
  'isMethod',
] as const;
const OCCURRENCES = ['occurrencesScan', 'occurrencesTotal', 'occurrencesRecent'] as const;

/** What an edge is where its extractor does not say (KG-112). */
const DEFAULT_KINDS: Record<RelationshipTypeOf<'code'>, CodeKind> = {
  CALLS: 'call',
  REFERENCES: 'identifier',
  OVERRIDES: 'override',
  EXTENDS: 'inheritance',
  IMPLEMENTS: 'inheritance',
  READS: 'read',
  WRITES: 'write',
  DEPENDS_ON: 'dependency',
  THROWS: 'throw',
  TYPE_USES: 'type',
  RETURNS_TYPE: 'return',
  PARAM_TYPE: 'param',
};
/** Most UTF-16 units of a site's id or hash that came with the edge. */
const MOST_SITE = 200;

type Edge = Record<string, unknown>;

/**
 * An edge as it is stored: names and places of the code cleaned, defaults filled in, and what its metadata knows better brought
 * up (KG-100…117). Pure: takes any JSON, throws nothing, changes nothing of what it was given, and answers the same for its own
 * answer. Edges that are not of the code come back as they are.
 *
 * @param onProblem told of each part that was given and could not be used
 */
export function normaliseEdge(raw: RawEdge, onProblem: OnEdgeProblem = () => undefined): Edge {
  const type = typeof raw.type === 'string' ? canonicalType(raw.type) : raw.type;
  const edge: Edge = { ...raw, type };
  if (familyOf(type) !== 'code') return edge;
  const told = isRecord(raw.metadata) ? raw.metadata : {};
  const problem = (field: string, reason: string) => onProblem({ edge: nameOfEdge(raw), field, reason });

  hoist(edge, told);
  set(edge, 'kind', edge.kind ?? DEFAULT_KINDS[type as RelationshipTypeOf<'code'>]);
  set(edge, 'source', normaliseSource(raw.source) ?? normaliseSource(told.source));
  edge.active = typeof raw.active === 'boolean' ? raw.active : true;
  const sure = cleanConfidence(raw.confidence) ?? cleanConfidence(told.confidence);
  set(edge, 'confidence', sure ?? (typeof raw.strength === 'number' ? cleanConfidence(raw.strength) : undefined));
  delete edge.strength;
  placeEdge(edge, raw, told, problem);
  stateEvidence(edge, raw, told);

  for (const end of ['to', 'from'] as const) {
    const ref = readRef(raw[`${end}Ref`], told[`${end}Ref`]);
    const given = raw[`${end}Ref`] ?? told[`${end}Ref`];
    if (!ref && given !== undefined && given !== null) problem(`${end}Ref`, 'is no reference of a known kind');
    set(edge, `${end}Ref`, ref && raw[`${end}Ref`] ? ref : undefined);
    const flat = flattenRef(ref, raw[`${end}EntityId`]);
    if (flat) setFlatRef(edge, end, flat);
  }
  const { evidence: _evidence, locations: _locations, ...metadata } = told;
  if (edge.fromRef) metadata.fromRef ??= edge.fromRef;
  if (edge.toRef) metadata.toRef ??= edge.toRef;
  edge.metadata = metadata;
  return edge;
}

function hoist(edge: Edge, told: RawEdge): void {
  for (const name of HOISTED) set(edge, name, edge[name] ?? told[name] ?? undefined);
  set(edge, 'paramName', edge.paramName ?? told.param ?? undefined);
  for (const name of OCCURRENCES) {
    const count = cleanNumber(edge[name]) ?? cleanNumber(told[name]);
    const whole = name === 'occurrencesRecent' ? count : count && Math.floor(count);
    set(edge, name, whole === undefined ? undefined : Math.max(0, whole));
  }
}

/** Location, what is derived from it, and all other places (KG-108, 109, 074). */
function placeEdge(edge: Edge, raw: RawEdge, told: RawEdge, problem: (field: string, reason: string) => void): void {
  const given = isRecord(raw.location) ? raw.location : {};
  const clean = locationOf(given.path, given.line, given.column);
  const own = locationOf(told.path, told.line, told.column);
  const location = locationOf(clean?.path ?? own?.path, clean?.line ?? own?.line, clean?.column ?? own?.column);
  if (typeof given.path === 'string' && given.path.trim() !== '' && clean?.path === undefined) {
    problem('location.path', 'does not stay within the repository');
  }
  set(edge, 'location', location);
  const { path, line } = location ?? {};
  const context = typeof raw.context === 'string' && raw.context.trim() !== '' ? raw.context : undefined;
  set(edge, 'context', context ?? (path !== undefined && line !== undefined ? `${path}:${line}` : undefined));
  const siteId = cleanText(raw.siteId, MOST_SITE) ?? siteIdOf(location, edge.accessPath);
  set(edge, 'siteId', siteId);
  edge.siteHash = cleanText(raw.siteHash, MOST_SITE) ?? siteHashOf(path, edge);
  const sites: unknown[] = Array.isArray(raw.sites) ? raw.sites : [];
  const older = sites.map((site) => cleanText(site, MOST_SITE)).filter((site) => site !== undefined);
  const merged = mergeSites(older, siteId === undefined ? [] : [siteId]);
  set(edge, 'sites', merged.sites.length > 0 ? merged.sites : undefined);
  const dropped = Math.max(0, Math.floor(cleanNumber(raw.sitesDropped) ?? 0)) + merged.dropped;
  set(edge, 'sitesDropped', dropped > 0 ? dropped : undefined);
  const locations = mergeLocations(cleanLocations(raw.locations), cleanLocations(told.locations), MOST_PLACES);
  set(edge, 'locations', locations.length > 0 ? locations : undefined);
}

/** From 1 to 20 entries: where nobody says why there is such an edge, one that says who found it (KG-110). */
function stateEvidence(edge: Edge, raw: RawEdge, told: RawEdge): void {
  const source = normaliseSource(edge.source) ?? 'ast';
  const given = mergeEvidence(cleanEvidence(raw.evidence, source), cleanEvidence(told.evidence, source), MOST_PLACES);
  const { confidence, location } = edge;
  const { note, extractorVersion } = told;
  edge.evidence = given.length > 0 ? given : [evidenceOf(source, { confidence, location, note, extractorVersion })];
}

function setFlatRef(edge: Edge, end: 'to' | 'from', { kind, file, symbol, name }: FlatRef): void {
  edge[`${end}RefKind`] = kind;
  set(edge, `${end}RefFile`, file);
  set(edge, `${end}RefSymbol`, symbol);
  set(edge, `${end}RefName`, name);
}

function set(edge: Edge, name: string, value: unknown): void {
  if (value === undefined) delete edge[name];
  else edge[name] = value;
}
