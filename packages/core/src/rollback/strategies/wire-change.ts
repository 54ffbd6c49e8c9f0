import { isSecretName, redact } from '../../platform/redaction/index.ts';
import type { RollbackConflict } from '../conflicts/index.ts';
import { maskConflict, maskSides } from '../conflicts/mask-conflict.ts';
import { parsePath } from '../diff/diff-path.ts';
import { type DiffEntry, readDomainPath } from '../diff/index.ts';
import type { RollbackPreview } from '../operations/rollback-operation.ts';
import { wireValue } from '../points/snapshot-codec.ts';

type WireChange = RollbackPreview['changes'][number];

/** A change as it goes over the wire, and into what is kept of operations: without secrets (RB-245). */
export function wireChange({ path, operation, oldValue, newValue, metadata }: DiffEntry): WireChange {
  const [before, after] = maskAt(path, wireValue(oldValue), wireValue(newValue));
  const { properties, ...rest } = metadata ?? {};
  const within = Array.isArray(properties) ? { properties: (properties as DiffEntry[]).map(wireChange) } : {};
  return {
    path,
    operation,
    ...(before !== undefined && { oldValue: before }),
    ...(after !== undefined && { newValue: after }),
    ...(metadata && { metadata: { ...(redact(wireValue(rest)) as object), ...within } }),
  } as WireChange;
}

/** Values at a path that leads through a secret's name are secret as a whole. */
function maskAt(path: string, current: unknown, other: unknown): [current: unknown, other: unknown] {
  const steps = parsePath(readDomainPath(path)?.property ?? '');
  const secret = steps.find((step) => typeof step === 'string' && isSecretName(step));
  if (secret === undefined) return maskSides(current, other);
  const [before, after] = maskSides({ [secret]: current }, { [secret]: other });
  return [(before as Record<string, unknown>)[secret], (after as Record<string, unknown>)[secret]];
}

/** A conflict as it goes over the wire, and into what is kept of operations: without secrets (RB-245). */
export function wireConflict(conflict: RollbackConflict): RollbackPreview['potentialConflicts'][number] {
  const { path, type, context } = conflict;
  const { currentValue, rollbackValue } = maskConflict({
    path,
    type,
    currentValue: wireValue(conflict.currentValue),
    rollbackValue: wireValue(conflict.rollbackValue),
  });
  return {
    path,
    type,
    ...(currentValue !== undefined && { currentValue }),
    ...(rollbackValue !== undefined && { rollbackValue }),
    ...(context && { context: redact(wireValue(context)) }),
  } as RollbackPreview['potentialConflicts'][number];
}
