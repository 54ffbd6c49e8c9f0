import { z } from 'zod';
import { confidenceSchema, docIntentSchema, docSourceSchema, instantSchema } from './terms.ts';

const text = z.string().optional();
const texts = z.array(z.string()).optional();

/** Not evidence as edges of the code have it: what in the text says so. */
export const docEvidenceSchema = z.strictObject({ type: z.enum(['heading', 'snippet', 'link']), value: z.string() });
export type DocEvidence = z.infer<typeof docEvidenceSchema>;

/** KG-048. */
export const documentationFields = {
  evidence: z.array(docEvidenceSchema).max(20).optional(),
  confidence: confidenceSchema.optional(),
  inferred: z.boolean().optional(),
  source: docSourceSchema.optional(),
  docIntent: docIntentSchema.optional(),
  sectionAnchor: text,
  sectionTitle: text,
  summary: text,
  docVersion: text,
  docHash: text,
  documentationQuality: z.enum(['complete', 'partial', 'outdated']).optional(),
  coverageScope: z.enum(['api', 'behavior', 'operational', 'security', 'compliance']).optional(),
  tags: texts,
  stakeholders: texts,
  domainPath: text,
  taxonomyVersion: text,
  updatedFromDocAt: instantSchema.optional(),
  lastValidated: instantSchema.optional(),
  strength: z.number().optional(),
  similarityScore: z.number().optional(),
  clusterVersion: text,
  role: z.enum(['core', 'supporting', 'entry-point', 'integration']).optional(),
  docEvidenceId: text,
  docAnchor: text,
  embeddingVersion: text,
  policyType: z.enum(['adr', 'runbook', 'compliance', 'manual', 'decision-log']).optional(),
  effectiveFrom: instantSchema.optional(),
  expiresAt: instantSchema.nullable().optional(),
  /** `depends_on`, `overlaps`, `shares_owner`, or any other word. */
  relationshipType: text,
  docLocale: text,
};
