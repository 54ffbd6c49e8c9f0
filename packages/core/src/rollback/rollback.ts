import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { parseInput, SignalboxError } from '../platform/errors/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import type { Logger } from '../platform/logging/index.ts';
import { redactText } from '../platform/redaction/index.ts';
import type { Checkpoint } from '../sessions/index.ts';
import { cleanUpRollback, type RollbackCleanup } from './cleanup-rollback.ts';
import {
  type OperationCount,
  type RollbackTotals,
  readOperationCounts,
  readRollbackMetrics,
  readSessionMetrics,
  type SessionRollbackMetrics,
} from './operations/rollback-metrics-store.ts';
import type { RollbackOperation } from './operations/rollback-operation.ts';
import { RollbackOperations } from './operations/rollback-operations.ts';
import type { ConflictMerger } from './operations/settle-conflicts.ts';
import type { RollbackPoint } from './points/rollback-point.ts';
import { RollbackPoints } from './points/rollback-points.ts';
import { type SnapshotUsage, snapshotUsage } from './points/snapshot-store.ts';
import { type StatePort, StatePorts } from './ports/index.ts';
import { RollbackEvents } from './rollback-events.ts';
import type { RollbackNotification, RollbackNotifier } from './rollback-notifications.ts';
import type { RollbackParts } from './rollback-parts.ts';
import { type RollbackSettings, rollbackSettingsSchema } from './rollback-settings.ts';

export interface RollbackRoomOptions {
  database: Database;
  clock: Clock;
  ids: Ids;
  logger: Logger;
  sessions: RollbackParts['sessions'];
  /** The kinds of state that can be captured here. */
  ports: readonly StatePort[];
  /** Merges two sides of a conflict; without it the resolution `merge` fails as a conflict does. */
  merge?: ConflictMerger;
  /** Names this process. */
  nodeId: string;
  /** What is left out is as {@link rollbackSettingsSchema} says. */
  settings?: Partial<RollbackSettings> | undefined;
  /** By default the database's own health. */
  isReady?: () => Promise<boolean>;
  notifier?: RollbackNotifier;
}

/** What happened in a session around its points (RB-203). */
export interface SessionRollbackHistory {
  rollbackPoints: RollbackPoint[];
  /** With the latest point that was there when each was made. */
  checkpoints: (Checkpoint & { rollbackPointId: string | null })[];
  operations: RollbackOperation[];
}

/** Figures of a project, and the bounds within which it keeps what they count. */
export interface RollbackMetricsReport extends RollbackTotals {
  sessions: SessionRollbackMetrics;
  operations: OperationCount[];
  retention: Pick<RollbackSettings, 'maxPoints' | 'defaultTtl' | 'maxSnapshotSize' | 'sessionLimit' | 'keepOperations'>;
}

/** The room: points to go back to, and going back to them. */
export class Rollback {
  readonly points: RollbackPoints;
  readonly operations: RollbackOperations;
  readonly events: RollbackEvents;
  readonly #parts: RollbackParts;

  /** @throws VALIDATION_FAILED, UNKNOWN_FIELD for settings that cannot be (RB-232) */
  constructor({ ports, notifier, settings = {}, nodeId, isReady, merge = unmerged, ...parts }: RollbackRoomOptions) {
    const { logger, database, ids } = parts;
    this.events = new RollbackEvents((err) => logger.warn({ err }, 'a listener to rollback events failed'));
    this.#parts = {
      ...parts,
      merge,
      settings: parseInput(rollbackSettingsSchema, settings),
      ports: new StatePorts(ports),
      events: this.events,
      isReady: isReady ?? (async () => (await database.health()).available),
      notify: (notification) => notify(notifier, notification, logger),
      // Two processes of one name must not take each other's operations for their own.
      runner: `${nodeId}/${ids.uuid()}`,
    };
    this.points = new RollbackPoints(this.#parts);
    this.operations = new RollbackOperations(this.#parts, this.points);
  }

  /** Removes what has outlived itself, in all projects. */
  cleanup(): Promise<RollbackCleanup> {
    return cleanUpRollback(this.#parts);
  }

  /** RB-027, RB-185: from the tables; and how long what is counted is kept. @throws PROJECT_NOT_FOUND */
  async metrics(projectId: string): Promise<RollbackMetricsReport> {
    const { database, clock, settings } = this.#parts;
    const metrics = await readRollbackMetrics(database, projectId, clock.now());
    if (!metrics) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
    const { maxPoints, defaultTtl, maxSnapshotSize, sessionLimit, keepOperations } = settings;
    return {
      ...metrics,
      sessions: await readSessionMetrics(database, projectId),
      operations: await readOperationCounts(database, projectId),
      retention: { maxPoints, defaultTtl, maxSnapshotSize, sessionLimit, keepOperations },
    };
  }

  /** RB-043. */
  snapshotUsage(projectId: string): Promise<SnapshotUsage> {
    return snapshotUsage(this.#parts.database, projectId);
  }

  /** Newest first (RB-203). @throws SESSION_NOT_FOUND */
  async sessionHistory(projectId: string, sessionId: string): Promise<SessionRollbackHistory> {
    const { sessions } = this.#parts;
    if (!(await sessions.get(projectId, sessionId))) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    const { items: rollbackPoints } = await this.points.list(projectId, 1, HISTORY, { sessionId });
    const { items: operations } = await this.operations.list(projectId, {
      filters: [{ field: 'sessionId', operator: 'eq', value: sessionId }],
      pageSize: HISTORY,
    });
    const checkpoints = await sessions.listCheckpoints(projectId, sessionId);
    return {
      rollbackPoints,
      operations,
      checkpoints: checkpoints.toReversed().map((checkpoint) => ({
        ...checkpoint,
        rollbackPointId: rollbackPoints.find(({ createdAt }) => createdAt <= checkpoint.createdAt)?.id ?? null,
      })),
    };
  }

  /** Cancels what runs in this process and waits for it. Idempotent. */
  close(): Promise<void> {
    return this.operations.close();
  }
}

/** Where nothing merges. */
const unmerged: ConflictMerger = () => ({
  success: false,
  mergedValue: undefined,
  strategy: 'ask_user',
  confidence: 0,
  warnings: ['nothing here merges'],
  appliedChanges: { kept: [], discarded: [], merged: [] },
});

/** Most points and operations of a session that its history tells. */
const HISTORY = 100;

/** RB-197, RB-245: what goes out holds no secrets, and what goes wrong with it changes nothing. */
async function notify(
  notifier: RollbackNotifier | undefined,
  notification: RollbackNotification,
  logger: Logger,
): Promise<void> {
  try {
    await notifier?.send({ ...notification, message: redactText(notification.message) });
  } catch (err) {
    logger.warn({ err, kind: notification.kind }, 'a notification about a rollback could not be sent');
  }
}
