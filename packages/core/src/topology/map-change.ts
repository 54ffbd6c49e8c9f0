import type { Transaction } from '../platform/database/index.ts';
import { recordFeed } from '../platform/feed/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { type Detected, detectCycles } from './cycles/detect-cycles.ts';
import { advanceMap } from './head-store.ts';

/** That nothing came of it. */
export const NOTHING_DETECTED: Detected = { opened: 0, reopened: 0, resolved: 0 };

/**
 * Ends a change of what leads to what: a new revision, alerts for the cycles that came or went, and news of it, in the transaction that
 * makes it. The caller holds the map.
 */
export async function mapMoved(
  tx: Transaction,
  projectId: string,
  at: Date,
  ids: Ids,
): Promise<{ revision: number; cycles: Detected }> {
  const revision = await advanceMap(tx, projectId);
  const cycles = await detectCycles(tx, projectId, at, ids);
  await recordFeed(tx, projectId, 'topology', { change: 'map', revision });
  return { revision, cycles };
}
