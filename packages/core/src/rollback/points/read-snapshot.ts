import { SignalboxError } from '../../platform/errors/index.ts';
import type { StoredSnapshot } from './snapshot.ts';
import { checksumOf, decodeSnapshot } from './snapshot-codec.ts';

/** What a snapshot holds. @throws SNAPSHOT_CORRUPTED when it is not what was stored (RB-039) */
export function readSnapshot({ id, data, checksum }: StoredSnapshot): unknown {
  if (checksumOf(data) !== checksum) throw new SignalboxError('SNAPSHOT_CORRUPTED', { snapshotId: id });
  try {
    return decodeSnapshot(data);
  } catch (error) {
    throw new SignalboxError('SNAPSHOT_CORRUPTED', { snapshotId: id }, { cause: error });
  }
}
