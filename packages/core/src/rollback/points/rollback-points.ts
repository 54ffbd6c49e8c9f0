import { recordAudit } from '../../audit/index.ts';
import { DatabaseError, type Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { placeOf } from '../../sessions/index.ts';
import type { FileContent } from '../../workspaces/index.ts';
import { type DiffEntry, parseDomainPath, type RollbackDiff } from '../diff/index.ts';
import { compareItems, findMoves, inApplyOrder } from '../operations/compare-state.ts';
import type { StateItem, StateScope } from '../ports/index.ts';
import { ROLLBACK_EVENTS } from '../rollback-events.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import { captureState } from './capture-state.ts';
import { expirePointsNow } from './expire-points.ts';
import { countLivePoints, countSessionPoint, evictPoints, operationOn, trimSession } from './point-retention-store.ts';
import { readSnapshot } from './read-snapshot.ts';
import { type CreateRollbackPoint, createRollbackPointSchema, type RollbackPoint } from './rollback-point.ts';
import {
  deletePoint,
  getPoint,
  insertPoint,
  listPoints,
  lockPoint,
  lockScope,
  touchPoint,
  writeCaptured,
} from './rollback-point-store.ts';
import type { Snapshot, SnapshotType, StoredSnapshot } from './snapshot.ts';
import { checksumOf, encodeSnapshot } from './snapshot-codec.ts';
import { deleteSnapshots, findSnapshot, insertSnapshot, listSnapshots, snapshotsOfPoint } from './snapshot-store.ts';

type Draft = Omit<RollbackPoint, 'version' | 'captured' | 'consistent'> & { capture?: SnapshotType[] | undefined };

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
    const draft: Draft = {
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
      const { point, made } = await this.#make(draft, actor);
      if (made !== null) await this.#checkpoint(point, made, actor);
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
      await this.#auditFailure(draft, actor, error);
      throw error;
    }
  }

  /** A point of how everything is before an operation changes it. It takes no room from the others. */
  async backup(target: RollbackPoint, operationId: string, actor: string): Promise<RollbackPoint> {
    const now = this.#parts.clock.now();
    const life = this.#parts.settings.defaultTtl;
    const { point } = await this.#make(
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
      await audit(tx, point, 'delete', actor);
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
    const { snapshots, consistent } = await this.#capture(point, point.captured);
    return this.#parts.database.transaction(async (tx) => {
      if (!(await lockPoint(tx, projectId, id))) throw new SignalboxError('ROLLBACK_NOT_FOUND', { id });
      const operationId = await operationOn(tx, projectId, id);
      if (operationId !== null) throw new SignalboxError('ROLLBACK_IN_PROGRESS', { operationId });
      await deleteSnapshots(tx, projectId, id);
      for (const snapshot of snapshots) await insertSnapshot(tx, projectId, snapshot);
      const after = await writeCaptured(tx, projectId, id, { captured: point.captured, consistent });
      await audit(tx, after, 'recapture', actor);
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
    const { changes } = await this.compare(point);
    return {
      from: 'current',
      to: id,
      changes,
      changeCount: changes.length,
      generatedAt: this.#parts.clock.now().toISOString(),
    };
  }

  /** The changes that lead back to a point, and its snapshots, their checksums verified. */
  async compare(point: RollbackPoint): Promise<{ changes: DiffEntry[]; snapshots: Snapshot[] }> {
    const { database, ports } = this.#parts;
    const stored = await snapshotsOfPoint(database, point.projectId, point.id);
    if (stored.length === 0) throw new SignalboxError('NO_SNAPSHOTS_FOUND', { rollbackPointId: point.id });
    const scope = scopeOf(point);
    const types = stored.map(({ type }) => type);
    for (const type of types) ports.get(type);
    const current = await captureState(database, ports, scope, types);
    const changes: DiffEntry[] = [];
    for (const snapshot of stored) {
      const port = ports.get(snapshot.type);
      const wanted = await port.itemsOf(scope, readSnapshot(snapshot));
      const there = await port.itemsOf(scope, current.data.get(snapshot.type));
      const mine = compareItems(snapshot.type, there, wanted);
      changes.push(...(snapshot.type === 'file' ? findMoves(mine) : mine));
    }
    const ordered = inApplyOrder(changes, ({ path }) => parseDomainPath(path).type);
    return { changes: ordered, snapshots: stored.map(({ data: _, ...snapshot }) => snapshot) };
  }

  /** The items that a point holds, by kind. */
  async items(point: RollbackPoint): Promise<Map<SnapshotType, StateItem[]>> {
    const { database, ports } = this.#parts;
    const items = new Map<SnapshotType, StateItem[]>();
    for (const snapshot of await snapshotsOfPoint(database, point.projectId, point.id)) {
      items.set(snapshot.type, await ports.get(snapshot.type).itemsOf(scopeOf(point), readSnapshot(snapshot)));
    }
    return items;
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

  /** Answers how many points its session has had, this one counted; null where it has none. */
  async #make({ capture, ...draft }: Draft, actor: string): Promise<{ point: RollbackPoint; made: number | null }> {
    const { ports, database, events } = this.#parts;
    const { projectId, id } = draft;
    const captured = capture ?? ports.typesFor(scopeOf(draft));
    if (captured.length === 0) {
      throw new SignalboxError('SNAPSHOT_CAPTURE_FAILED', {
        rollbackPointId: id,
        error: 'nothing can be captured here',
      });
    }
    const { snapshots, consistent } = await this.#capture(draft, captured);
    const { point, made, evicted, capacity } = await database
      .transaction(async (tx) => {
        if (!(await lockScope(tx, projectId))) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
        const room = await this.#makeRoom(tx, draft);
        const stored = await insertPoint(tx, { ...draft, captured, consistent });
        for (const snapshot of snapshots) await insertSnapshot(tx, projectId, snapshot);
        const linked = await this.#link(tx, stored);
        const gone = [...room.evicted, ...linked.trimmed];
        await audit(tx, stored, 'create', actor);
        await recordFeed(tx, projectId, 'rollback', { event: ROLLBACK_EVENTS.pointCreated, rollbackPointId: id });
        for (const rollbackPointId of gone) {
          await recordFeed(tx, projectId, 'rollback', { event: ROLLBACK_EVENTS.pointEvicted, rollbackPointId });
        }
        return { point: stored, made: linked.made, evicted: gone, capacity: room.capacity };
      })
      .catch((error: unknown) => {
        throw unknownOwner(error, draft);
      });
    if (capacity) events.emit(ROLLBACK_EVENTS.capacityReached, { projectId, ...capacity });
    for (const rollbackPointId of evicted) events.emit(ROLLBACK_EVENTS.pointEvicted, { projectId, rollbackPointId });
    events.emit(ROLLBACK_EVENTS.pointCreated, { rollbackPoint: point });
    return { point, made };
  }

  async #capture(
    owner: Pick<RollbackPoint, 'id' | 'projectId' | 'sessionId' | 'workspaceId'>,
    types: readonly SnapshotType[],
  ): Promise<{ snapshots: StoredSnapshot[]; consistent: boolean }> {
    const { database, ports, settings, ids, clock } = this.#parts;
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

  /** Lets others give way where the project is full (RB-159, RB-160). Expired ones take up no room. */
  async #makeRoom(
    tx: Transaction,
    { projectId, kind }: Draft,
  ): Promise<{ evicted: string[]; capacity: { currentSize: number; maxSize: number } | null }> {
    const { settings, clock } = this.#parts;
    const { maxPoints: maxSize, evict } = settings;
    const currentSize = await countLivePoints(tx, projectId, kind, clock.now());
    if (currentSize < maxSize) return { evicted: [], capacity: null };
    const evicted = evict || kind === 'backup' ? await evictPoints(tx, projectId, kind, currentSize - maxSize + 1) : [];
    if (evicted.length === 0) throw new SignalboxError('STORE_CAPACITY_EXCEEDED', { maxSize });
    return { evicted, capacity: { currentSize, maxSize } };
  }

  /** Counts it among its session's, and lets the oldest of those give way (RB-199, RB-200). */
  async #link(
    tx: Transaction,
    { projectId, sessionId, kind }: RollbackPoint,
  ): Promise<{ made: number | null; trimmed: string[] }> {
    if (sessionId === null || kind !== 'named') return { made: null, trimmed: [] };
    const made = await countSessionPoint(tx, projectId, sessionId);
    return { made, trimmed: await trimSession(tx, projectId, sessionId, this.#parts.settings.sessionLimit) };
  }

  /** RB-199. A failure is a warning: the point stands. */
  async #checkpoint({ projectId, sessionId, id }: RollbackPoint, made: number, _actor: string): Promise<void> {
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

  /** RB-195: what could not be made is on record as well. */
  async #auditFailure({ id, name, projectId, sessionId }: Draft, actor: string, error: unknown): Promise<void> {
    const { database, logger } = this.#parts;
    const message = error instanceof Error ? error.message : String(error);
    const details = { name, sessionId, severity: 'error', error: message };
    const entry = {
      actor,
      action: 'rollback_point.create_failed',
      subjectType: 'rollback_point',
      subjectId: id,
      details,
    };
    await database
      .transaction((tx) => recordAudit(tx, projectId, entry))
      .catch((err: unknown) => {
        logger.warn({ err }, 'that a rollback point could not be made could not be recorded');
      });
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

async function audit(
  tx: Transaction,
  point: RollbackPoint,
  verb: 'create' | 'delete' | 'recapture',
  actor: string,
): Promise<void> {
  const { id, projectId, name, kind, sessionId, captured, consistent, version, expiresAt } = point;
  await recordAudit(tx, projectId, {
    actor,
    action: `rollback_point.${verb}`,
    subjectType: 'rollback_point',
    subjectId: id,
    versionAfter: verb === 'delete' ? null : version,
    details: { name, kind, sessionId, captured, consistent, expiresAt },
  });
}

/** A session or workspace that is not there shows in the foreign key. */
function unknownOwner(error: unknown, { sessionId, workspaceId }: Draft): unknown {
  if (
    DatabaseError.is(error, 'fk_rollback_points_session') ||
    DatabaseError.is(error, 'fk_rollback_sessions_session')
  ) {
    return new SignalboxError('SESSION_NOT_FOUND', { id: sessionId }, { cause: error });
  }
  if (DatabaseError.is(error, 'fk_rollback_points_workspace')) {
    return new SignalboxError('WORKSPACE_NOT_FOUND', { id: workspaceId }, { cause: error });
  }
  return error;
}
