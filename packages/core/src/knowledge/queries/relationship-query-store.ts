import type { Executor } from '../../platform/database/index.ts';
import { readKnownRelationships } from '../history/known-store.ts';
import type { FoundRelationships, RelationshipQuery } from './relationship-query.ts';

/** What one parameter comes to, where it stands as a value of the statement. */
type Condition = (value: string) => string;

const field = (name: string) => `r.data->>'${name}'`;
const anyText =
  (name: string): Condition =>
  (value) =>
    `${field(name)} = ANY (${value}::text[])`;
const isFlag =
  (name: string): Condition =>
  (value) =>
    `(${field(name)})::boolean = ${value}::boolean`;
const number =
  (name: string, operator: '=' | '>=' | '<='): Condition =>
  (value) =>
    `(${field(name)})::numeric ${operator} ${value}::numeric`;
const time =
  (name: string, operator: '>=' | '<='): Condition =>
  (value) =>
    `(${field(name)})::timestamptz ${operator} ${value}::timestamptz`;
/** Whole parts of a path: `a` holds `a/b` and not `ab`. */
const below =
  (name: string): Condition =>
  (value) =>
    `(${field(name)} = ${value}::text OR starts_with(${field(name)}, ${value}::text || '/'))`;
const member =
  (name: string): Condition =>
  (value) =>
    `r.data->'${name}' ?| ${value}::text[]`;
/** That an entity at either end is like this. */
const atEnd =
  (test: Condition): Condition =>
  (value) =>
    `EXISTS (SELECT FROM graph_entities e WHERE e.project_id = r.project_id AND e.id IN (r.from_id, r.to_id) AND ${test(value)})`;

/** That it held at some time from the first to the second, both included (KG-204). */
const HELD = (
  since: string,
  until: string,
) => `((r.valid_from <= ${until}::timestamptz AND (r.valid_to IS NULL OR ${since}::timestamptz < r.valid_to))
  OR EXISTS (SELECT FROM graph_segments s WHERE s.project_id = r.project_id AND s.relationship_id = r.id
    AND s.opened_at <= ${until}::timestamptz AND ${since}::timestamptz < s.closed_at))`;

type Field = Exclude<keyof RelationshipQuery, 'limit' | 'offset' | 'sessionIds' | 'at' | 'since' | 'until'>;

const CONDITIONS: Readonly<Record<Field, Condition>> = {
  fromEntityId: (value) => `r.from_id = ANY (${value}::text[])`,
  toEntityId: (value) => `r.to_id = ANY (${value}::text[])`,
  type: (value) => `r.type = ANY (${value}::text[])`,
  entityTypes: atEnd((value) => `e.type = ANY (${value}::text[])`),
  active: (value) => `(r.valid_to IS NULL) = ${value}::boolean`,

  kind: anyText('kind'),
  source: anyText('source'),
  resolution: anyText('resolution'),
  scope: anyText('scope'),
  confidenceMin: (value) => `r.confidence >= ${value}::double precision`,
  confidenceMax: (value) => `r.confidence <= ${value}::double precision`,
  inferred: isFlag('inferred'),
  resolved: isFlag('resolved'),
  firstSeenSince: time('firstSeenAt', '>='),
  lastSeenSince: time('lastSeenAt', '>='),
  arityEq: number('arity', '='),
  arityMin: number('arity', '>='),
  arityMax: number('arity', '<='),
  awaited: isFlag('awaited'),
  isMethod: isFlag('isMethod'),
  operator: anyText('operator'),
  callee: anyText('callee'),
  siteHash: anyText('siteHash'),

  toRefKind: anyText('toRefKind'),
  toRefFile: anyText('toRefFile'),
  toRefSymbol: anyText('toRefSymbol'),
  toRefName: anyText('toRefName'),
  fromRefKind: anyText('fromRefKind'),
  fromRefFile: anyText('fromRefFile'),
  fromRefSymbol: anyText('fromRefSymbol'),
  fromRefName: anyText('fromRefName'),

  importDepthMin: number('importDepth', '>='),
  importDepthMax: number('importDepth', '<='),
  importAlias: anyText('importAlias'),
  importType: anyText('importType'),
  isNamespace: isFlag('isNamespace'),
  language: anyText('language'),
  symbolKind: anyText('symbolKind'),
  modulePath: anyText('modulePath'),
  modulePathPrefix: below('modulePath'),

  domainPath: anyText('domainPath'),
  domainPrefix: below('domainPath'),
  docIntent: anyText('docIntent'),
  docType: atEnd((value) => `e.data->>'docType' = ANY (${value}::text[])`),
  docStatus: atEnd((value) => `e.type = 'documentation' AND e.data->>'status' = ANY (${value}::text[])`),
  docLocale: anyText('docLocale'),
  coverageScope: anyText('coverageScope'),
  embeddingVersion: anyText('embeddingVersion'),
  clusterId: atEnd((value) => `e.type = 'semanticCluster' AND e.id = ANY (${value}::text[])`),
  clusterVersion: anyText('clusterVersion'),
  stakeholder: member('stakeholders'),
  tag: member('tags'),
  lastValidatedAfter: time('lastValidated', '>='),
  lastValidatedBefore: time('lastValidated', '<='),

  metricId: anyText('metricId'),
  environment: anyText('environment'),
  severity: anyText('severity'),
  trend: anyText('trend'),
  detectedAfter: time('detectedAt', '>='),
  detectedBefore: time('detectedAt', '<='),
  resolvedAfter: time('resolvedAt', '>='),
  resolvedBefore: time('resolvedAt', '<='),

  sessionId: anyText('sessionId'),
  sequenceNumber: (value) => `(${field('sequenceNumber')})::bigint = ANY (${value}::bigint[])`,
  sequenceNumberMin: number('sequenceNumber', '>='),
  sequenceNumberMax: number('sequenceNumber', '<='),
  timestampFrom: time('timestamp', '>='),
  timestampTo: time('timestamp', '<='),
  actor: anyText('actor'),
  impactSeverity: anyText('impactSeverity'),
  stateTransitionTo: anyText('stateTransitionTo'),
};

/** Those of which all that is asked holds, by id (KG-227). */
export async function queryRelationships(
  db: Executor,
  projectId: string,
  { limit, offset, sessionIds, at, since = at, until = at, ...asked }: RelationshipQuery,
): Promise<FoundRelationships> {
  const values: unknown[] = [projectId];
  const conditions = ['r.project_id = $1'];
  const sessionId = sessionIds || asked.sessionId ? [...(sessionIds ?? []), ...(asked.sessionId ?? [])] : undefined;
  const isOfNow = since === undefined && until === undefined && asked.active === undefined;
  const all = { ...asked, sessionId, active: isOfNow ? true : asked.active };
  for (const [name, condition] of Object.entries(CONDITIONS)) {
    const value = all[name as Field];
    if (value === undefined) continue;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  }
  if (since !== undefined || until !== undefined) {
    values.push(since ?? '-infinity', until ?? 'infinity');
    conditions.push(HELD(`$${values.length - 1}`, `$${values.length}`));
  }
  const where = conditions.join(' AND ');
  const found = await db.query<{ id: string }>(
    {
      name: '',
      text: `SELECT r.id FROM graph_relationships r WHERE ${where} ORDER BY r.id LIMIT ${limit} OFFSET ${offset}`,
    },
    values,
  );
  const text = `SELECT count(*)::integer AS total FROM graph_relationships r WHERE ${where}`;
  const [counted] = await db.query<{ total: number }>({ name: '', text }, values);
  const ids = found.map(({ id }) => id);
  const known = await readKnownRelationships(db, projectId, ids);
  const relationships = ids.flatMap((id) => {
    const one = known.get(id);
    return one ? [one as FoundRelationships['relationships'][number]] : [];
  });
  return { relationships, total: counted?.total ?? 0, limit, offset };
}
