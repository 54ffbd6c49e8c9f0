import { z } from 'zod';
import { codeFields, structuralFields } from './code-edge.ts';
import { documentationFields } from './documentation-edge.ts';
import { edgeEvidenceSchema, edgeLocationSchema } from './edge-place.ts';
import { RELATIONSHIP_FAMILIES } from './relationship-type.ts';
import { sessionFields } from './session-edge.ts';
import {
  changeTypeSchema,
  confidenceSchema,
  countSchema,
  entityIdSchema,
  findingSeveritySchema,
  findingStatusSchema,
  instantSchema,
  levelSchema,
  metadataSchema,
  testTypeSchema,
} from './terms.ts';
import { coverageMetricsSchema } from './test-entity.ts';

/** Most entries of evidence, of locations and of sites that an edge has (KG-061). */
export const MOST_PLACES = 20;

/** What whoever found an edge says of it; the rest of KG-030 is the graph's to give. */
const factFields = {
  fromEntityId: entityIdSchema,
  toEntityId: entityIdSchema,
  metadata: metadataSchema.optional(),
  siteId: z.string().optional(),
  siteHash: z.string().optional(),
  evidence: z.array(edgeEvidenceSchema).max(MOST_PLACES).optional(),
  locations: z.array(edgeLocationSchema).max(MOST_PLACES).optional(),
  /** The newest last. */
  sites: z.array(z.string()).max(MOST_PLACES).optional(),
  /** How many older sites there is no room for any more (KG-073). */
  sitesDropped: countSchema.optional(),
  validFrom: instantSchema.optional(),
  /** Null while it holds. */
  validTo: instantSchema.nullable().optional(),
};
const storedFields = {
  ...factFields,
  id: z.string(),
  created: instantSchema,
  lastModified: instantSchema,
  version: z.int().min(1),
};

const number = z.number().optional();
const text = z.string().optional();

/** KG-050. */
const performanceFields = {
  metricId: z.string(),
  scenario: text,
  environment: text,
  baselineValue: number,
  currentValue: number,
  unit: text,
  delta: number,
  percentChange: number,
  sampleSize: number,
  confidenceInterval: z.strictObject({ lower: number, upper: number }).nullable().optional(),
  trend: z.enum(['regression', 'improvement', 'neutral']).optional(),
  severity: levelSchema.optional(),
  riskScore: number,
  runId: text,
  policyId: text,
  detectedAt: instantSchema.optional(),
  resolvedAt: instantSchema.nullable().optional(),
  metricsHistory: z
    .array(
      z.strictObject({
        timestamp: instantSchema.optional(),
        value: z.number(),
        runId: text,
        environment: text,
        unit: text,
      }),
    )
    .optional(),
};

/** One variant for each family (KG-040…055); the two that the source had none for among them (KG-034). */
function variants<Base extends z.ZodRawShape>(base: Base) {
  const {
    structural,
    code,
    test,
    spec,
    temporal,
    documentation,
    security,
    performance,
    coverage,
    session,
    checkpoint,
  } = RELATIONSHIP_FAMILIES;
  return z.discriminatedUnion('type', [
    z.strictObject({ ...base, ...structuralFields, type: z.enum(structural) }),
    z.strictObject({ ...base, ...codeFields, type: z.enum(code) }),
    z.strictObject({ ...base, type: z.enum(test), testType: testTypeSchema.optional(), coverage: number }),
    z.strictObject({
      ...base,
      type: z.enum(spec),
      impactLevel: levelSchema.optional(),
      priority: levelSchema.optional(),
    }),
    z.strictObject({
      ...base,
      type: z.enum(temporal),
      changeType: changeTypeSchema.optional(),
      author: text,
      commitHash: text,
    }),
    z.strictObject({ ...base, ...documentationFields, type: z.enum(documentation) }),
    z.strictObject({
      ...base,
      type: z.enum(security),
      severity: findingSeveritySchema.optional(),
      status: findingStatusSchema.optional(),
      cvssScore: z.number().min(0).max(10).optional(),
    }),
    z.strictObject({ ...base, ...performanceFields, type: z.enum(performance) }),
    z.strictObject({ ...base, type: z.enum(coverage), coverage: coverageMetricsSchema, runId: text }),
    z.strictObject({ ...base, ...sessionFields, type: z.enum(session) }),
    z.strictObject({ ...base, type: z.enum(checkpoint), checkpointId: z.string(), hopDistance: countSchema }),
  ]);
}

/** An edge as whoever found it tells of it, once it is normalised. */
export const relationshipFactSchema = variants(factFields);
export type RelationshipFact = z.infer<typeof relationshipFactSchema>;

/** An edge as the graph has it. */
export const relationshipSchema = variants(storedFields);
export type Relationship = z.infer<typeof relationshipSchema>;

/** What an edge itself says of how sure it is, where its variant has a word for that. */
export const explicitConfidenceSchema = z.object({ confidence: confidenceSchema.optional() });
