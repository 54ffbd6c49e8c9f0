import type { Configuration, RollbackSettings } from '@signalbox/core';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The settings of rollback as the room counts them: in milliseconds and bytes. */
export function rollbackSettings(values: Configuration['rollback']): Partial<RollbackSettings> {
  const { ttlHours, maxSnapshotBytes, operationDays, ...same } = values;
  return {
    ...same,
    defaultTtl: ttlHours === null ? null : Math.round(ttlHours * HOUR),
    maxSnapshotSize: maxSnapshotBytes,
    keepOperations: Math.round(operationDays * DAY),
  };
}
