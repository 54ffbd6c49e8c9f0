import { isDeepStrictEqual } from 'node:util';
import { REDACTED } from '../platform/redaction/index.ts';

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

/** Whether an edit holds a piece of what stands for a secret, where what was shown does not stand as a whole. */
export function keepsMask(edited: unknown, shown: unknown): boolean {
  return JSON.stringify(editedArguments(edited, shown, unmasked(shown))).includes(REDACTED);
}

function unmasked(shown: unknown): unknown {
  if (typeof shown === 'string') return shown.includes(REDACTED) ? '' : shown;
  if (Array.isArray(shown)) return shown.map(unmasked);
  if (!isObject(shown)) return shown;
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, unmasked(value)]));
}
