import { isDeepStrictEqual } from 'node:util';
import { redact } from '../../platform/redaction/index.ts';
import { isPlainObject } from './plain-object.ts';
import type { RollbackConflict } from './rollback-conflict.ts';

/** Behind a hidden text of the current side that is not what the rollback's side hides at the same place. */
const CHANGED = ' (changed)';

/** A conflict over JSON values without the secrets in it (RB-245). That a secret changed can still be seen. */
export function maskConflict(conflict: RollbackConflict): RollbackConflict {
  const { currentValue, rollbackValue, context } = conflict;
  const [current, rollback] = maskSides(currentValue, rollbackValue);
  return {
    ...conflict,
    rollbackValue: rollback,
    currentValue: current,
    ...(context ? { context: redact(context) } : {}),
  };
}

/** Two values that stand for each other without the secrets in them, the current one first. */
export function maskSides(current: unknown, other: unknown): [current: unknown, other: unknown] {
  const hidden = redact(other);
  return [tellApart(redact(current), hidden, current, other), hidden];
}

function tellApart(hidden: unknown, other: unknown, value: unknown, otherValue: unknown): unknown {
  if (isDeepStrictEqual(value, otherValue)) return hidden;
  if (typeof hidden === 'string') return hidden === other ? hidden + CHANGED : hidden;
  if (Array.isArray(hidden) && Array.isArray(other)) {
    return hidden.map((item, at) => tellApart(item, other[at], itemOf(value, at), itemOf(otherValue, at)));
  }
  if (!isPlainObject(hidden) || !isPlainObject(other)) return hidden;
  return Object.fromEntries(
    Object.entries(hidden).map(([key, item]) => [
      key,
      Object.hasOwn(other, key) ? tellApart(item, other[key], itemOf(value, key), itemOf(otherValue, key)) : item,
    ]),
  );
}

/** The original of what stands there in the hidden copy, which has the same shape. */
function itemOf(value: unknown, key: string | number): unknown {
  return (value as Record<string | number, unknown>)[key];
}
