import { isPlainObject } from './plain-object.ts';
import type { ConflictType, RollbackConflict } from './rollback-conflict.ts';
import { valueText } from './value-text.ts';

const TYPE_WEIGHTS: Partial<Record<ConflictType, number>> = {
  value_mismatch: 10,
  type_mismatch: 50,
  dependency_conflict: 100,
};
const OTHER_WEIGHT = 25;
const TEXT_PER_POINT = 100;
const POINTS_PER_KEY = 5;

/** How much there is to merge (RB-132): the kind of conflict, the length of the longer value, the keys of the present one. */
export function complexityOf({ type, currentValue, rollbackValue }: RollbackConflict): number {
  const weight = TYPE_WEIGHTS[type] ?? OTHER_WEIGHT;
  const length = Math.max(lengthAsText(currentValue), lengthAsText(rollbackValue));
  const keys = isPlainObject(currentValue) ? Object.keys(currentValue).length : 0;
  return Math.round(weight + length / TEXT_PER_POINT + POINTS_PER_KEY * keys);
}

/** Characters of a value as text; a text is its own. */
export function lengthAsText(value: unknown): number {
  return typeof value === 'string' ? value.length : valueText(value).length;
}
