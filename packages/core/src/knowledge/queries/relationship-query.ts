import { z } from 'zod';
import { domainPath, environmentName, metricName, sessionName } from '../identity/names.ts';
import { documentationSchema } from '../vocabulary/code-entities.ts';
import { documentationFields } from '../vocabulary/documentation-edge.ts';
import { flatRefFields } from '../vocabulary/edge-place.ts';
import { ENTITY_TYPES } from '../vocabulary/entity.ts';
import { relationshipTypeSchema } from '../vocabulary/relationship-type.ts';
import {
  CODE_SOURCES,
  codeKindSchema,
  confidenceSchema,
  countSchema,
  DOC_SOURCES,
  docIntentSchema,
  entityIdSchema,
  FINDING_SEVERITIES,
  levelSchema,
  momentSchema,
  resolutionSchema,
  scopeSchema,
} from '../vocabulary/terms.ts';

/** Values of one parameter that are alternatives. */
const MOST_VALUES = 200;

/** One value, or several of which any will do. */
function anyOf<Value extends z.ZodType>(value: Value) {
  return z
    .union([value, z.array(value).min(1).max(MOST_VALUES)])
    .transform((given): z.output<Value>[] => (Array.isArray(given) ? given : [given]))
    .optional();
}

const text = z.string().min(1).max(4_096);
const texts = anyOf(text);
const named = (normalise: (value: string) => string) => anyOf(text.transform(normalise));
const flag = z.boolean().optional();
const count = countSchema.optional();
const moment = momentSchema.optional();
const sure = confidenceSchema.optional();
/** A name with all that is below it, by whole parts. */
const prefix = text.transform((given) => given.replace(/\/+$/, '')).optional();

const { toRefKind, fromRefKind } = flatRefFields;

/** What is asked of relationships (KG-220…226). All that is given must hold; a field that an edge lacks fails a filter on it (KG-227). */
const fields = {
  fromEntityId: anyOf(entityIdSchema),
  toEntityId: anyOf(entityIdSchema),
  type: anyOf(relationshipTypeSchema),
  /** Of either end. */
  entityTypes: z.array(z.enum(ENTITY_TYPES)).min(1).max(20).optional(),
  /** As of then; else what holds now, unless one of the next three says otherwise. */
  at: moment,
  /** What held at some time from then on, */
  since: moment,
  /** up to then. */
  until: moment,
  /** False: what does not hold any more. */
  active: flag,

  kind: anyOf(codeKindSchema),
  source: anyOf(z.enum([...CODE_SOURCES, ...DOC_SOURCES])),
  resolution: anyOf(resolutionSchema),
  scope: anyOf(scopeSchema),
  confidenceMin: sure,
  confidenceMax: sure,
  inferred: flag,
  resolved: flag,
  firstSeenSince: moment,
  lastSeenSince: moment,
  arityEq: count,
  arityMin: count,
  arityMax: count,
  awaited: flag,
  isMethod: flag,
  operator: texts,
  callee: texts,
  siteHash: texts,

  toRefKind: anyOf(toRefKind.unwrap()),
  toRefFile: texts,
  toRefSymbol: texts,
  toRefName: texts,
  fromRefKind: anyOf(fromRefKind.unwrap()),
  fromRefFile: texts,
  fromRefSymbol: texts,
  fromRefName: texts,

  importDepthMin: count,
  importDepthMax: count,
  importAlias: texts,
  importType: anyOf(z.enum(['default', 'named', 'namespace', 'wildcard', 'side-effect'])),
  isNamespace: flag,
  language: texts,
  symbolKind: texts,
  modulePath: texts,
  modulePathPrefix: prefix,

  domainPath: named(domainPath),
  domainPrefix: text.transform(domainPath).optional(),
  docIntent: anyOf(docIntentSchema),
  /** Of a document at either end, as is the next. */
  docType: anyOf(documentationSchema.shape.docType),
  docStatus: anyOf(documentationSchema.shape.status),
  docLocale: texts,
  coverageScope: anyOf(documentationFields.coverageScope.unwrap()),
  embeddingVersion: texts,
  /** A cluster at either end. */
  clusterId: anyOf(entityIdSchema),
  clusterVersion: texts,
  /** Any member of the edge's list, as is the next. */
  stakeholder: texts,
  tag: texts,
  lastValidatedAfter: moment,
  lastValidatedBefore: moment,

  metricId: named(metricName),
  environment: named(environmentName),
  severity: anyOf(z.enum(FINDING_SEVERITIES)),
  trend: anyOf(z.enum(['regression', 'improvement', 'neutral'])),
  detectedAfter: moment,
  detectedBefore: moment,
  resolvedAfter: moment,
  resolvedBefore: moment,

  /** United with the next. */
  sessionId: named(sessionName),
  sessionIds: z.array(text.transform(sessionName)).min(1).max(MOST_VALUES).optional(),
  sequenceNumber: anyOf(countSchema),
  sequenceNumberMin: count,
  sequenceNumberMax: count,
  timestampFrom: moment,
  timestampTo: moment,
  actor: texts,
  impactSeverity: anyOf(levelSchema),
  stateTransitionTo: anyOf(z.enum(['working', 'broken', 'unknown'])),
};

/** Of each the first may not come after the second (KG-227). */
const BOUNDS = [
  ['since', 'until'],
  ['confidenceMin', 'confidenceMax'],
  ['arityMin', 'arityMax'],
  ['importDepthMin', 'importDepthMax'],
  ['lastValidatedAfter', 'lastValidatedBefore'],
  ['detectedAfter', 'detectedBefore'],
  ['resolvedAfter', 'resolvedBefore'],
  ['sequenceNumberMin', 'sequenceNumberMax'],
  ['timestampFrom', 'timestampTo'],
] as const;

export const relationshipQuerySchema = z
  .strictObject({
    ...fields,
    limit: z.int().min(1).max(1_000).default(100),
    offset: z.int().min(0).max(1_000_000).default(0),
  })
  .superRefine((query, context) => {
    for (const [low, high] of BOUNDS) {
      const [from, to] = [query[low], query[high]];
      if (from === undefined || to === undefined || from <= to) continue;
      context.addIssue({ code: 'custom', path: [high], message: `must not come before ${low}` });
    }
    if (query.at !== undefined && (query.since !== undefined || query.until !== undefined)) {
      context.addIssue({ code: 'custom', path: ['at'], message: 'give either at, or since and until' });
    }
  });
export type QueryRelationships = z.input<typeof relationshipQuerySchema>;
export type RelationshipQuery = z.output<typeof relationshipQuerySchema>;

const ofSessions = {
  type: fields.type,
  actor: fields.actor,
  impactSeverity: fields.impactSeverity,
  stateTransitionTo: fields.stateTransitionTo,
  sequenceNumberMin: fields.sequenceNumberMin,
  sequenceNumberMax: fields.sequenceNumberMax,
  timestampFrom: fields.timestampFrom,
  timestampTo: fields.timestampTo,
  limit: z.int().min(1).max(1_000).default(100),
  offset: z.int().min(0).max(1_000_000).default(0),
};
/** What of a session's events is asked for (KG-226). */
export const sessionEventsQuerySchema = z.strictObject({ sessionId: text, ...ofSessions });
export type QuerySessionEvents = z.input<typeof sessionEventsQuerySchema>;
export const entitySessionsQuerySchema = z.strictObject({ entityId: entityIdSchema, ...ofSessions });
export type QueryEntitySessions = z.input<typeof entitySessionsQuerySchema>;

export const foundRelationshipsSchema = z.object({
  /** By id, so that pages are stable. */
  relationships: z.array(
    z.looseObject({ id: z.string(), type: z.string(), fromEntityId: z.string(), toEntityId: z.string() }),
  ),
  total: z.int(),
  limit: z.int(),
  offset: z.int(),
});
export type FoundRelationships = z.infer<typeof foundRelationshipsSchema>;
