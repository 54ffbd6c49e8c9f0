import { z } from 'zod';

/** Words that several nouns of the graph share. Each of them is defined here and nowhere else. */
export const LEVELS = ['critical', 'high', 'medium', 'low'] as const;
export const levelSchema = z.enum(LEVELS);
export type Level = z.infer<typeof levelSchema>;

export const FINDING_SEVERITIES = [...LEVELS, 'info'] as const;
export const findingSeveritySchema = z.enum(FINDING_SEVERITIES);
export type FindingSeverity = z.infer<typeof findingSeveritySchema>;

/** As CVSS calls its scores, from 0 to 10. */
export function severityOfScore(score: number): FindingSeverity {
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : score > 0 ? 'low' : 'info';
}

export const findingStatusSchema = z.enum(['open', 'fixed', 'accepted', 'false-positive']);
export const changeTypeSchema = z.enum(['create', 'update', 'delete', 'rename', 'move']);
export const testTypeSchema = z.enum(['unit', 'integration', 'e2e']);
export const checkpointReasonSchema = z.enum(['daily', 'incident', 'manual']);

export const DOC_SOURCES = ['parser', 'manual', 'llm', 'imported', 'sync', 'other'] as const;
export const docSourceSchema = z.enum(DOC_SOURCES);
export const DOC_INTENTS = ['ai-context', 'governance', 'mixed'] as const;
export const docIntentSchema = z.enum(DOC_INTENTS);

export const CODE_SOURCES = ['ast', 'type-checker', 'heuristic', 'index', 'runtime', 'lsp'] as const;
/** Who found an edge of the code (KG-043). */
export const codeSourceSchema = z.enum(CODE_SOURCES);
export type CodeSource = z.infer<typeof codeSourceSchema>;

export const codeKindSchema = z.enum([
  'call',
  'identifier',
  'instantiation',
  'type',
  'read',
  'write',
  'override',
  'inheritance',
  'return',
  'param',
  'decorator',
  'annotation',
  'throw',
  'dependency',
]);
export type CodeKind = z.infer<typeof codeKindSchema>;
export const resolutionSchema = z.enum(['direct', 'via-import', 'type-checker', 'heuristic']);
export const scopeSchema = z.enum(['local', 'imported', 'external', 'unknown']);

/** A moment: a date, or ISO 8601 text with its offset, which becomes a date again (KG-025). */
export const instantSchema = z
  .union([z.date(), z.iso.datetime({ offset: true })], { error: 'must be a date, or ISO 8601 text of one' })
  .transform((given) => new Date(given));

/** A moment that a caller gives: ISO 8601 text with its offset. */
export const momentSchema = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Whatever else is known, as JSON. */
export const metadataSchema = z.record(z.string(), z.json());

export const confidenceSchema = z.number().min(0).max(1);
export const countSchema = z.int().min(0);

/** What an index of the database takes, and some room. */
const MOST_ID_BYTES = 2_000;
/** Ids of entities are given by whoever knows them (KG-024), or derived; they are kept as they are. */
export const entityIdSchema = z
  .string()
  .min(1)
  .refine((id) => !id.includes('\0') && id.isWellFormed(), 'must be text without NUL characters')
  .refine((id) => Buffer.byteLength(id) <= MOST_ID_BYTES, `must be at most ${MOST_ID_BYTES} bytes`);
