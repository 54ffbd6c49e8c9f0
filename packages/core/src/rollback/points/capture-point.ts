import { SignalboxError } from '../../platform/errors/index.ts';
import type { StateScope } from '../ports/index.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import { captureState } from './capture-state.ts';
import type { RollbackPoint } from './rollback-point.ts';
import type { SnapshotType, StoredSnapshot } from './snapshot.ts';
import { checksumOf, encodeSnapshot } from './snapshot-codec.ts';

/** What the snapshots of a point hold, as one cut. @throws SNAPSHOT_CAPTURE_FAILED; its cause says why (RB-032) */
export async function capturePoint(
  parts: RollbackParts,
  owner: Pick<RollbackPoint, 'id' | 'projectId' | 'sessionId' | 'workspaceId'>,
  types: readonly SnapshotType[],
): Promise<{ snapshots: StoredSnapshot[]; consistent: boolean }> {
  const { database, ports, settings, ids, clock } = parts;
  try {
    const { data, consistent } = await captureState(database, ports, scopeOf(owner), types);
    const snapshots = [...data].map(([type, value]): StoredSnapshot => {
      const text = encodeSnapshot(value);
      const size = Buffer.byteLength(text, 'utf8');
      const { maxSnapshotSize: maxSize } = settings;
      if (size > maxSize) throw new SignalboxError('SNAPSHOT_TOO_LARGE', { size, maxSize, type });
      const metadata = { source: SOURCES[type], ...(owner.sessionId !== null && { sessionId: owner.sessionId }) };
      const createdAt = clock.now().toISOString();
      return {
        id: ids.uuid(),
        pointId: owner.id,
        type,
        size,
        checksum: checksumOf(text),
        metadata,
        createdAt,
        data: text,
      };
    });
    return { snapshots, consistent };
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    throw new SignalboxError('SNAPSHOT_CAPTURE_FAILED', { rollbackPointId: owner.id, error }, { cause });
  }
}

const SOURCES: Readonly<Record<SnapshotType, string>> = {
  entity: 'knowledge-graph',
  relationship: 'knowledge-graph',
  session_state: 'sessions',
  configuration: 'configuration',
  file: 'workspace',
};

export function scopeOf({ projectId, sessionId, workspaceId }: StateScope): StateScope {
  return { projectId, sessionId, workspaceId };
}
