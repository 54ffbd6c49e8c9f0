import { z } from 'zod';
import { isTooDeep, MAX_JSON_DEPTH } from '../json/storable-json.ts';
import { SignalboxError } from './signalbox-error.ts';

/**
 * Checks what came from outside. `details.problems` lists every problem with the path of its field.
 * @throws UNKNOWN_FIELD for a field that the schema does not know, else VALIDATION_FAILED.
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  if (isTooDeep(input)) {
    throw new SignalboxError('VALIDATION_FAILED', { reason: `it nests deeper than ${MAX_JSON_DEPTH} levels` });
  }
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw inputError(result.error, schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);
}

/** What zod found wrong, as the error that callers know. @param known the fields of the outermost object. */
export function inputError(error: z.ZodError, known: readonly string[] = []): SignalboxError {
  const { issues } = error;
  const problems = issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const [unknown] = issues;
  if (unknown?.code === 'unrecognized_keys' && issues.length === 1) {
    const field = [...unknown.path, unknown.keys[0]].join('.');
    return new SignalboxError('UNKNOWN_FIELD', { field, known: unknown.path.length === 0 ? known : [], problems });
  }
  const reason = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new SignalboxError('VALIDATION_FAILED', { reason, problems }, { cause: error });
}
