import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { ingestedSchema } from '../ingest/ingest.ts';
import { momentSchema } from '../vocabulary/terms.ts';

export const REPORT_FORMATS = [
  'scip',
  'junit',
  'test-results',
  'lcov',
  'v8-coverage',
  'sarif',
  'npm-audit',
  'osv',
] as const;
export const reportFormatSchema = z.enum(REPORT_FORMATS);
export type ReportFormat = z.infer<typeof reportFormatSchema>;

/** Most bytes of a report, once it is unpacked. */
export const MOST_REPORT_BYTES = 32 * 1024 * 1024;
/** Most entities and relationships that one report may come to. */
export const MOST_REPORTED = 250_000;

/** By a plain run of characters: what looks at four at a time runs out of its stack on a large one. */
const base64Schema = z
  .string()
  .min(1)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be base64')
  .refine((text) => text.length % 4 === 0, 'must be base64, with its padding');

export const importReportSchema = z
  .strictObject({
    /** Which format it is; without, that is seen from its contents. */
    format: reportFormatSchema.optional(),
    /** As the file has it. */
    text: z.string().min(1).optional(),
    /** In place of the text: the bytes of the file, as they are or packed by gzip. */
    base64: base64Schema.optional(),
    /** Which of a project's series of reports this is one of: it takes the place of the last one of its format and suite. */
    suite: z.string().trim().min(1).max(200).default('default'),
    /** Names the run that made it; without, its contents and `at` do. One that was taken already changes nothing. */
    runId: z.string().min(1).max(200).optional(),
    /** Where it was run; performance is compared within one environment. */
    environment: z.string().min(1).max(64).optional(),
    /** Below which directory of the machine that made it the repository was: absolute paths below it become paths of the repository. */
    root: z.string().min(1).max(4_096).optional(),
    /** The workspace whose files it is of: its directory is the root where none is given, and sources are read from it. */
    workspaceId: uuidSchema.optional(),
    /** When it was made; now, where neither this nor the report says so. */
    at: momentSchema.optional(),
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), {
    message: 'give the report as text, or as base64',
    path: ['text'],
  });
export type ImportReport = z.input<typeof importReportSchema>;

export const importedReportSchema = ingestedSchema.extend({
  format: reportFormatSchema,
  suite: z.string(),
  runId: z.string(),
  /** What the report tells of that was left out, such as findings below the least severity, by why. */
  leftOut: z.record(z.string(), z.int()),
});
export type ImportedReport = z.infer<typeof importedReportSchema>;
