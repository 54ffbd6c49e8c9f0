import { z } from 'zod';
import { SignalboxError } from './signalbox-error.ts';

/**
 * Checks what came from outside. `details.problems` lists every problem with the path of its field.
 * @throws UNKNOWN_FIELD for a field that the schema does not know, else VALIDATION_FAILED.
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown && issues.length === 1) {
    const known = schema instanceof z.ZodObject && unknown.path.length === 0 ? Object.keys(schema.shape) : [];
    throw new SignalboxError('UNKNOWN_FIELD', { field: [...unknown.path, unknown.keys[0]].join('.'), known, problems });
  }
  const reason = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new SignalboxError('VALIDATION_FAILED', { reason, problems });
}
