import { SignalboxError } from '../../platform/errors/index.ts';
import type { StoredSnapshot } from './snapshot.ts';
import { checksumOf, decodeSnapshot } from './snapshot-codec.ts';

/** What a snapshot holds. @throws SNAPSHOT_CORRUPTED when it is not what was stored (RB-039) */
export function readSnapshot(snapshot: StoredSnapshot): unknown {
  const { id, data } = snapshot;
  if (!isIntact(snapshot)) throw new SignalboxError('SNAPSHOT_CORRUPTED', { snapshotId: id });
  try {
    return decodeSnapshot(data);
  } catch (error) {
    throw new SignalboxError('SNAPSHOT_CORRUPTED', { snapshotId: id }, { cause: error });
  }
}

/** Whether it is what was stored. */
export function isIntact({ data, checksum }: StoredSnapshot): boolean {
  return checksumOf(data) === checksum;
}
