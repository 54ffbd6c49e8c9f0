import type { Database } from '../../platform/database/index.ts';
import { deepEqual } from '../diff/index.ts';
import { CAPTURED_OUTSIDE, type StatePorts, type StateScope } from '../ports/index.ts';
import type { SnapshotType } from './snapshot.ts';

/** How often files are captured anew because some changed meanwhile. */
const TRIES = 3;

/** The state of some kinds at one moment. */
export interface CapturedState {
  /** What a snapshot of each kind holds. */
  data: Map<SnapshotType, unknown>;
  /** Whether no file changed while the rest was read (RB-034). */
  consistent: boolean;
}

/**
 * Reads all kinds of state as one cut: what is in the database in one transaction that sees one moment of it, files before
 * and after it, until they are the same.
 */
export async function captureState(
  database: Pick<Database, 'transaction'>,
  ports: StatePorts,
  scope: StateScope,
  types: readonly SnapshotType[],
): Promise<CapturedState> {
  const outside = types.filter((type) => CAPTURED_OUTSIDE.includes(type));
  const inside = types.filter((type) => !CAPTURED_OUTSIDE.includes(type));
  let before = await captureOutside(database, ports, scope, outside);
  for (let tries = 1; ; tries++) {
    const data = await captureInside(database, ports, scope, inside);
    const after = outside.length === 0 ? before : await captureOutside(database, ports, scope, outside);
    const consistent = deepEqual(before, after);
    if (consistent || tries === TRIES) return { data: new Map([...data, ...after]), consistent };
    before = after;
  }
}

async function captureInside(
  database: Pick<Database, 'transaction'>,
  ports: StatePorts,
  scope: StateScope,
  types: readonly SnapshotType[],
): Promise<Map<SnapshotType, unknown>> {
  if (types.length === 0) return new Map();
  return database.transaction(
    async (tx) => {
      const data = new Map<SnapshotType, unknown>();
      for (const type of types) data.set(type, await ports.get(type).capture(tx, scope));
      return data;
    },
    { isolation: 'repeatable read', readOnly: true, retries: 3 },
  );
}

async function captureOutside(
  database: Pick<Database, 'transaction'>,
  ports: StatePorts,
  scope: StateScope,
  types: readonly SnapshotType[],
): Promise<Map<SnapshotType, unknown>> {
  const data = new Map<SnapshotType, unknown>();
  for (const type of types) data.set(type, await ports.get(type).capture(database as Database, scope));
  return data;
}
