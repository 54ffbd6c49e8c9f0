import type { z } from 'zod';
import { nestsTooDeep } from '../../imports/report-source.ts';

/** A lock file that is JSON, as its schema has it; else what is wrong with it. */
export function readLockJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): { lock: z.infer<Schema> } | { problem: string } {
  if (nestsTooDeep(text)) return { problem: 'nests too deep' };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `is no JSON: ${(error as Error).message}` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { lock: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.join('.') || 'the lock file'}: ${issue?.message}` };
}
