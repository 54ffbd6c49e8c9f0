import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { placeOf } from '../../sessions/index.ts';
import type { FileContent } from '../../workspaces/index.ts';
import type { RollbackDiff } from '../diff/index.ts';
import type { FileSnapshot } from '../ports/index.ts';
import { ROLLBACK_EVENTS } from '../rollback-events.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import type { PointMoment } from '../undo/index.ts';
import { capturePoint, scopeOf } from './capture-point.ts';
import { comparePoint } from './compare-point.ts';
import { expirePointsNow } from './expire-points.ts';
import { makePoint, type PointDraft } from './make-point.ts';
import { auditPoint, auditPointFailure } from './point-records.ts';
import { operationOn } from './point-retention-store.ts';
import { isIntact, readSnapshot } from './read-snapshot.ts';
import { type CreateRollbackPoint, createRollbackPointSchema, type RollbackPoint } from './rollback-point.ts';
import {
  deletePoint,
  getPoint,
  listPoints,
  lockPoint,
  lockScope,
  touchPoint,
  writeCaptured,
} from './rollback-point-store.ts';
import type { Snapshot } from './snapshot.ts';
import {
  deleteSnapshots,
  fileSnapshotsOf,
  findSnapshot,
  insertSnapshot,
  listSnapshots,
  snapshotsOfPoint,
} from './snapshot-store.ts';

/** Named moments to go back to. */
export class RollbackPoints {
  readonly #parts: RollbackParts;

  constructor(parts: RollbackParts) {
    this.#parts = parts;
  }

  /**
   * Captures everything there is for the session and the workspace, as one cut, and stores it under a name (RB-016). All or
   * nothing (RB-024).
   * @throws VALIDATION_FAILED, DATABASE_NOT_READY, SESSION_NOT_FOUND, WORKSPACE_NOT_FOUND, SNAPSHOT_CAPTURE_FAILED (its cause says
   *   why), STORE_CAPACITY_EXCEEDED
   */
  async create(projectId: string, input: CreateRollbackPoint, actor: string): Promise<RollbackPoint> {
    const { ttl, sessionId, workspaceId, ...asked } = parseInput(createRollbackPointSchema, input);
    await this.checkReady();
    const now = this.#parts.clock.now();
    const life = ttl === undefined ? this.#parts.settings.defaultTtl : ttl;
    const draft: PointDraft = {
      ...asked,
      id: this.#parts.ids.uuid(),
      projectId,
      kind: 'named',
      sessionId,
      workspaceId: workspaceId ?? (await this.#workspaceOf(projectId, sessionId)),
      createdBy: actor,
      createdAt: now.toISOString(),
      expiresAt: life === null ? null : new Date(now.getTime() + life).toISOString(),
    };
    try {
      const { point, made } = await makePoint(this.#parts, draft, actor);
      if (made !== null) await this.#checkpoint(point, made);
      await this.#parts.notify({
        kind: 'created',
        severity: 'info',
        projectId,
        sessionId,
        rollbackPointId: point.id,
        operationId: null,
        message: `The rollback point "${point.name}" was made.`,
      });
      return point;
    } catch (error) {
      await auditPointFailure(this.#parts, draft, actor, error);
      throw error;
    }
  }

  /** A point of how everything is before an operation changes it. It takes no room from the others. */
  async backup(target: RollbackPoint, operationId: string, actor: string): Promise<RollbackPoint> {
    const now = this.#parts.clock.now();
    const life = this.#parts.settings.defaultTtl;
    const { point } = await makePoint(
      this.#parts,
      {
        id: this.#parts.ids.uuid(),
        projectId: target.projectId,
        name: `Before going back to "${target.name}"`.slice(0, 200),
        description: null,
        metadata: { operationId, rollbackPointId: target.id },
        kind: 'backup',
        sessionId: target.sessionId,
        workspaceId: target.workspaceId,
        createdBy: actor,
        createdAt: now.toISOString(),
        expiresAt: life === null ? null : new Date(now.getTime() + life).toISOString(),
        capture: target.captured,
      },
      actor,
    );
    return point;
  }

  /** Null when unknown. Asking for it keeps it from giving way (RB-159). @throws ROLLBACK_EXPIRED */
  async get(projectId: string, id: string): Promise<RollbackPoint | null> {
    const { database, clock } = this.#parts;
    const record = await getPoint(database, projectId, id);
    if (!record) return null;
    await this.#refuseExpired(record);
    await touchPoint(database, projectId, id, clock.now());
    return record.point;
  }

  /** @throws ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED */
  async existing(projectId: string, id: string): Promise<RollbackPoint> {
    const point = await this.get(projectId, id);
    if (!point) throw new SignalboxError('ROLLBACK_NOT_FOUND', { id });
    return point;
  }

  /** Those that have not expired, newest first, of one session where one is given (RB-021). */
  list(
    projectId: string,
    page: number,
    pageSize: number,
    { sessionId = null }: { sessionId?: string | null } = {},
  ): Promise<{ items: RollbackPoint[]; total: number }> {
    const at = this.#parts.clock.now();
    return listPoints(this.#parts.database, projectId, {
      sessionId,
      at,
      limit: pageSize,
      offset: (page - 1) * pageSize,
    });
  }

  /** With its snapshots (RB-022). False when there is none. @throws OPTIMISTIC_LOCK, ROLLBACK_IN_PROGRESS while an operation needs it */
  async delete(projectId: string, id: string, actor: string, version?: number): Promise<boolean> {
    const deleted = await this.#parts.database.transaction(async (tx) => {
      await lockScope(tx, projectId);
      const record = await lockPoint(tx, projectId, id);
      if (!record) return false;
      const { point } = record;
      if (version !== undefined && version !== point.version) {
        throw new SignalboxError('OPTIMISTIC_LOCK', {
          noun: 'rollback point',
          id,
          expected: point.version,
          received: version,
        });
      }
      const operationId = await operationOn(tx, projectId, id);
      if (operationId !== null) throw new SignalboxError('ROLLBACK_IN_PROGRESS', { operationId });
      await deletePoint(tx, projectId, id);
      await auditPoint(tx, point, 'delete', actor);
      await recordFeed(tx, projectId, 'rollback', { event: ROLLBACK_EVENTS.pointRemoved, rollbackPointId: id });
      return true;
    });
    if (deleted) this.#parts.events.emit(ROLLBACK_EVENTS.pointRemoved, { projectId, rollbackPointId: id });
    return deleted;
  }

  /** Captures again what a point holds, in place of what it held (RB-023). @throws as `create`, ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED */
  async recapture(projectId: string, id: string, actor: string): Promise<RollbackPoint> {
    await this.checkReady();
    const point = await this.existing(projectId, id);
    const { snapshots, consistent } = await capturePoint(this.#parts, point, point.captured);
    return this.#parts.database.transaction(async (tx) => {
      if (!(await lockPoint(tx, projectId, id))) throw new SignalboxError('ROLLBACK_NOT_FOUND', { id });
      const operationId = await operationOn(tx, projectId, id);
      if (operationId !== null) throw new SignalboxError('ROLLBACK_IN_PROGRESS', { operationId });
      await deleteSnapshots(tx, projectId, id);
      for (const snapshot of snapshots) await insertSnapshot(tx, projectId, snapshot);
      const after = await writeCaptured(tx, projectId, id, { captured: point.captured, consistent });
      await auditPoint(tx, after, 'recapture', actor);
      return after;
    });
  }

  /** Without what they hold, oldest first. @throws ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED */
  async snapshots(projectId: string, pointId: string): Promise<Snapshot[]> {
    await this.existing(projectId, pointId);
    return listSnapshots(this.#parts.database, projectId, pointId);
  }

  /** What a snapshot holds (RB-041). @throws SNAPSHOT_NOT_FOUND, SNAPSHOT_CORRUPTED */
  async readSnapshot(projectId: string, snapshotId: string): Promise<unknown> {
    const snapshot = await findSnapshot(this.#parts.database, projectId, snapshotId);
    if (!snapshot) throw new SignalboxError('SNAPSHOT_NOT_FOUND', { snapshotId });
    return readSnapshot(snapshot);
  }

  /** One file as a point holds it: the first mebibyte. @throws ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED, FILE_NOT_FOUND */
  async file(projectId: string, id: string, path: string): Promise<FileContent> {
    const { database, ports } = this.#parts;
    const point = await this.existing(projectId, id);
    const stored = (await snapshotsOfPoint(database, projectId, id)).find(({ type }) => type === 'file');
    const content = stored && (await ports.get('file').content?.(scopeOf(point), readSnapshot(stored), path));
    if (!content) throw new SignalboxError('FILE_NOT_FOUND', { path });
    return content;
  }

  /**
   * What has to be done to everything as it is now, so that it is as it was (RB-057): one entry for each item, in the order
   * in which they are applied (RB-070).
   * @throws ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED, NO_SNAPSHOTS_FOUND, SNAPSHOT_CORRUPTED, ROLLBACK_PORT_MISSING
   */
  async diff(projectId: string, id: string): Promise<RollbackDiff> {
    const point = await this.existing(projectId, id);
    const { changes } = await comparePoint(this.#parts, point);
    return {
      from: 'current',
      to: id,
      changes,
      changeCount: changes.length,
      generatedAt: this.#parts.clock.now().toISOString(),
    };
  }

  /** When it was made, and where in the chain of its workspace: what changed since can be selected for an undo. @throws ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED */
  async moment(projectId: string, id: string): Promise<PointMoment> {
    const { workspaceId, createdAt } = await this.existing(projectId, id);
    const stored = await snapshotsOfPoint(this.#parts.database, projectId, id);
    const file = stored.find(({ type }) => type === 'file');
    const position = file ? (readSnapshot(file) as FileSnapshot).position : null;
    return { workspaceId, position, at: createdAt };
  }

  /** The trees of a workspace's captures that points hold: without them they could not be gone back to. */
  async treesInUse(projectId: string, workspaceId: string): Promise<string[]> {
    const snapshots = await fileSnapshotsOf(this.#parts.database, projectId, workspaceId);
    // One that is not what was stored cannot be gone back to, whatever is kept.
    return snapshots.filter(isIntact).map((snapshot) => (readSnapshot(snapshot) as FileSnapshot).treeId);
  }

  /** @throws DATABASE_NOT_READY (RB-017) */
  async checkReady(): Promise<void> {
    const { settings, isReady } = this.#parts;
    if (settings.requireDatabaseReady && !(await isReady())) throw new SignalboxError('DATABASE_NOT_READY');
  }

  async #workspaceOf(projectId: string, sessionId: string | null): Promise<string | null> {
    if (sessionId === null) return null;
    const session = await this.#parts.sessions.get(projectId, sessionId);
    if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    return placeOf(session);
  }

  /** RB-199. A failure is a warning: the point stands. */
  async #checkpoint({ projectId, sessionId, id }: RollbackPoint, made: number): Promise<void> {
    const { settings, sessions, logger } = this.#parts;
    const { checkpointThreshold } = settings;
    if (checkpointThreshold === 0 || made % checkpointThreshold !== 0) return;
    const metadata = { rollbackPointId: id, reason: 'automatic', rollbackPointCount: made };
    await sessions.addCheckpoint(projectId, sessionId as string, { data: {}, metadata }).catch((err: unknown) => {
      logger.warn({ err, sessionId }, 'no checkpoint could be made for a rollback point');
    });
  }

  async #refuseExpired({ point, expiredAt }: { point: RollbackPoint; expiredAt: string | null }): Promise<void> {
    const { clock } = this.#parts;
    const { id, expiresAt } = point;
    if (expiresAt === null || Date.parse(expiresAt) > clock.now().getTime()) return;
    if (expiredAt === null) await expirePointsNow(this.#parts, { id });
    throw new SignalboxError('ROLLBACK_EXPIRED', { id, expiredAt: expiresAt });
  }
}
