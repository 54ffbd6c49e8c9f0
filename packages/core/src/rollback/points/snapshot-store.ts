import { z } from 'zod';
import { type CamelRow, camelRow, type Executor, statement } from '../../platform/database/index.ts';
import { type Snapshot, type SnapshotType, type StoredSnapshot, snapshotSchema } from './snapshot.ts';

const COLUMNS = 's.id, s.point_id, s.type, s.size_bytes, s.checksum, s.metadata, s.created_at';
const storedSchema = snapshotSchema.extend({ data: z.string() });

const insert = statement(
  'rollback.insert_snapshot',
  `INSERT INTO rollback_snapshots (project_id, id, point_id, type, data, size_bytes, checksum, metadata, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

export async function insertSnapshot(executor: Executor, projectId: string, snapshot: StoredSnapshot): Promise<void> {
  const { id, pointId, type, data, size, checksum, metadata, createdAt } = snapshot;
  await executor.query(insert, [
    projectId,
    id,
    pointId,
    type,
    data,
    size,
    checksum,
    JSON.stringify(metadata),
    createdAt,
  ]);
}

const ofPoint = statement(
  'rollback.snapshots_of_point',
  `SELECT ${COLUMNS}, s.data FROM rollback_snapshots s WHERE s.project_id = $1 AND s.point_id = $2 ORDER BY s.created_at, s.id`,
);
const byId = statement(
  'rollback.snapshot',
  `SELECT ${COLUMNS}, s.data FROM rollback_snapshots s WHERE s.project_id = $1 AND s.id = $2`,
);
const byType = statement(
  'rollback.snapshots_of_type',
  `SELECT ${COLUMNS}, s.data FROM rollback_snapshots s WHERE s.project_id = $1 AND s.type = $2 ORDER BY s.created_at, s.id`,
);

/** Oldest first (RB-040). */
export async function snapshotsOfPoint(
  executor: Executor,
  projectId: string,
  pointId: string,
): Promise<StoredSnapshot[]> {
  return (await executor.query<CamelRow>(ofPoint, [projectId, pointId])).map(toStored);
}

export async function findSnapshot(executor: Executor, projectId: string, id: string): Promise<StoredSnapshot | null> {
  const [row] = await executor.query<CamelRow>(byId, [projectId, id]);
  return row ? toStored(row) : null;
}

/** Oldest first. */
export async function snapshotsOfType(
  executor: Executor,
  projectId: string,
  type: SnapshotType,
): Promise<StoredSnapshot[]> {
  return (await executor.query<CamelRow>(byType, [projectId, type])).map(toStored);
}

const ofWorkspace = statement(
  'rollback.file_snapshots_of_workspace',
  `SELECT ${COLUMNS}, s.data FROM rollback_snapshots s JOIN rollback_points p ON p.id = s.point_id
   WHERE s.project_id = $1 AND p.workspace_id = $2 AND s.type = 'file'`,
);

/** What points hold of the files of a workspace. An expired point holds nothing. */
export async function fileSnapshotsOf(
  executor: Executor,
  projectId: string,
  workspaceId: string,
): Promise<StoredSnapshot[]> {
  return (await executor.query<CamelRow>(ofWorkspace, [projectId, workspaceId])).map(toStored);
}

const listed = statement(
  'rollback.list_snapshots',
  `SELECT ${COLUMNS} FROM rollback_snapshots s WHERE s.project_id = $1 AND s.point_id = $2 ORDER BY s.created_at, s.id`,
);

/** Without what they hold. */
export async function listSnapshots(executor: Executor, projectId: string, pointId: string): Promise<Snapshot[]> {
  return (await executor.query<CamelRow>(listed, [projectId, pointId])).map((row) => snapshotSchema.parse(named(row)));
}

const removeAll = statement(
  'rollback.delete_snapshots',
  'DELETE FROM rollback_snapshots s WHERE s.project_id = $1 AND s.point_id = $2 RETURNING s.id',
);

/** Answers how many there were. */
export async function deleteSnapshots(executor: Executor, projectId: string, pointId: string): Promise<number> {
  return (await executor.query(removeAll, [projectId, pointId])).length;
}

/** RB-043. */
export interface SnapshotUsage {
  totalSnapshots: number;
  totalSize: number;
  /** 0 when there are none. */
  averageSize: number;
  snapshotsByType: Partial<Record<SnapshotType, number>>;
}

const usage = statement(
  'rollback.snapshot_usage',
  `SELECT s.type, count(*)::integer AS snapshots, sum(s.size_bytes)::double precision AS bytes
   FROM rollback_snapshots s WHERE s.project_id = $1 GROUP BY s.type`,
);

export async function snapshotUsage(executor: Executor, projectId: string): Promise<SnapshotUsage> {
  const rows = await executor.query<{ type: SnapshotType; snapshots: number; bytes: number }>(usage, [projectId]);
  const totalSnapshots = rows.reduce((sum, { snapshots }) => sum + snapshots, 0);
  const totalSize = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    totalSnapshots,
    totalSize,
    averageSize: totalSnapshots === 0 ? 0 : totalSize / totalSnapshots,
    snapshotsByType: Object.fromEntries(rows.map(({ type, snapshots }) => [type, snapshots])),
  };
}

function toStored(row: CamelRow): StoredSnapshot {
  return storedSchema.parse(named(row));
}

function named(row: CamelRow): CamelRow {
  const { size_bytes: size, ...rest } = row;
  return { ...camelRow(rest), size };
}
