import { z } from 'zod';
import { indexModeSchema } from './index-mode.ts';

export const indexJobSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  workspaceId: z.string(),
  status: z.enum(['queued', 'running', 'completed', 'failed']),
  /** Whether all was read anew, whatever was remembered. */
  full: z.boolean(),
  /** Whether TypeScript and JavaScript were read with types. */
  mode: indexModeSchema,
  requestedBy: z.string(),
  /** Sources of the workspace; null until it was looked at. */
  filesTotal: z.int().nullable(),
  /** Of these, how many say something else now, by their own change or another's. */
  filesAffected: z.int().nullable(),
  filesRemoved: z.int().nullable(),
  /** Of those affected, how many are in the graph again. */
  filesDone: z.int(),
  /** What those say. */
  entities: z.int(),
  relationships: z.int(),
  problemCount: z.int(),
  /** The first hundred, such as syntax errors and files that nobody looks into. */
  problems: z.array(z.object({ path: z.string(), problem: z.string() })),
  /** Why it failed. */
  error: z.string().nullable(),
  /** How often somebody took it up: more than once where a process ended before it was done. */
  attempt: z.int(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type IndexJob = z.infer<typeof indexJobSchema>;

export const startIndexSchema = z.strictObject({
  workspaceId: z.uuid(),
  /** Forget what is remembered of the workspace, and read all of it. */
  full: z.boolean().default(false),
  /** How TypeScript and JavaScript are read, then and after edits; as the server is set to where it is not said. */
  mode: indexModeSchema.optional(),
});
export type StartIndex = z.input<typeof startIndexSchema>;

/** What was done since the last time that it was said. */
export interface IndexProgress {
  files: number;
  entities: number;
  relationships: number;
  problems: { path: string; problem: string }[];
}
