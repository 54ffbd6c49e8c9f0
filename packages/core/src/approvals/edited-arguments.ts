import { isDeepStrictEqual } from 'node:util';

/**
 * What is really done where an approver changed arguments of which he saw the masked form: what he left as it was shown
 * stays what it was, secrets included, and what he changed is as he wrote it.
 *
 * @param edited what he wrote.
 * @param shown the arguments as he saw them.
 * @param actual the arguments of the call.
 */
export function editedArguments(edited: unknown, shown: unknown, actual: unknown): unknown {
  if (isDeepStrictEqual(edited, shown)) return actual;
  if (Array.isArray(edited) && Array.isArray(shown) && Array.isArray(actual))
    return edited.map((item, index) => editedArguments(item, shown[index], actual[index]));
  if (isObject(edited) && isObject(shown) && isObject(actual))
    return Object.fromEntries(
      Object.entries(edited).map(([name, item]) => [name, editedArguments(item, shown[name], actual[name])]),
    );
  return edited;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
