import { z } from 'zod';
import { codeSourceSchema, confidenceSchema } from './terms.ts';

/** Where an edge shows in the code; lines and columns as the extractor counts them, from 0 or 1. */
export const edgeLocationSchema = z
  .strictObject({ path: z.string().min(1).max(4_096), line: z.number().min(0), column: z.number().min(0) })
  .partial();
export type EdgeLocation = z.infer<typeof edgeLocationSchema>;

/** Who says that there is an edge, and why (KG-060). */
export const edgeEvidenceSchema = z.strictObject({
  source: codeSourceSchema,
  confidence: confidenceSchema.optional(),
  location: edgeLocationSchema.optional(),
  note: z.string().max(2_000).optional(),
  extractorVersion: z.string().max(200).optional(),
});
export type EdgeEvidence = z.infer<typeof edgeEvidenceSchema>;

/** What one end of an edge is, where it may be something that is no entity yet (KG-044). */
export const endpointRefSchema = z.strictObject({
  kind: z.enum(['entity', 'fileSymbol', 'external']),
  id: z.string().optional(),
  file: z.string().optional(),
  symbol: z.string().optional(),
  name: z.string().optional(),
});
export type EndpointRef = z.infer<typeof endpointRefSchema>;

const flatKindSchema = endpointRefSchema.shape.kind;
/** Both ends' references flattened, so that they can be asked for. */
export const flatRefFields = {
  toRefKind: flatKindSchema.optional(),
  toRefFile: z.string().optional(),
  toRefSymbol: z.string().optional(),
  toRefName: z.string().optional(),
  fromRefKind: flatKindSchema.optional(),
  fromRefFile: z.string().optional(),
  fromRefSymbol: z.string().optional(),
  fromRefName: z.string().optional(),
};
