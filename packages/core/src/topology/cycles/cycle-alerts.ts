import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { holdMap } from '../head-store.ts';
import {
  type CycleAlert,
  type CycleAlertStatus,
  canonicalCycle,
  mayBecome,
  type ResolveCycle,
  resolveCycleSchema,
} from './cycle-alert.ts';
import {
  acknowledgeCycleAlert,
  findCycleAlert,
  getCycleAlert,
  listCycleAlerts,
  resolveCycleAlerts,
} from './cycle-alert-store.ts';
import { type Detected, detectCycles } from './detect-cycles.ts';

/** Alerts of services that depend on each other in a circle (DEP-014). A detection makes them; people acknowledge and resolve them. */
export class CycleAlerts {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(parts: { database: Database; clock: Clock; ids: Ids }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** @throws CYCLE_ALERT_NOT_FOUND */
  async get(projectId: string, id: string): Promise<CycleAlert> {
    return found(id, await getCycleAlert(this.#database, projectId, id));
  }

  /** The newest first. @param statuses null for all */
  list(
    projectId: string,
    statuses: readonly CycleAlertStatus[] | null,
    page: number,
    pageSize: number,
  ): Promise<{ items: CycleAlert[]; total: number }> {
    return listCycleAlerts(this.#database, projectId, statuses, pageSize, (page - 1) * pageSize);
  }

  /** The alert of a cycle, whichever of its services it is told from; null where there is none. */
  async findFor(projectId: string, environment: string | null, path: readonly string[]): Promise<CycleAlert | null> {
    return findCycleAlert(this.#database, projectId, environment, canonicalCycle(path));
  }

  /** Looks at the whole map once more. Each change of the map does so by itself. */
  detect(projectId: string): Promise<Detected> {
    return this.#database.transaction(async (tx) => {
      await holdMap(tx, projectId);
      return detectCycles(tx, projectId, this.#clock.now(), this.#ids);
    });
  }

  /** @param version null: whatever it is. @throws CYCLE_ALERT_NOT_FOUND, CYCLE_ALERT_STATUS, OPTIMISTIC_LOCK */
  acknowledge(projectId: string, id: string, version: number | null, actor: string): Promise<CycleAlert> {
    return this.#bring(projectId, id, version, 'acknowledged', actor, null, async (tx) =>
      acknowledgeCycleAlert(tx, projectId, id, actor, this.#clock.now()),
    );
  }

  /**
   * A cycle that is still there opens its alert again with the next detection.
   * @param version null: whatever it is. @throws VALIDATION_FAILED, CYCLE_ALERT_NOT_FOUND, CYCLE_ALERT_STATUS, OPTIMISTIC_LOCK
   */
  resolve(
    projectId: string,
    id: string,
    version: number | null,
    input: ResolveCycle,
    actor: string,
  ): Promise<CycleAlert> {
    const { notes } = parseInput(resolveCycleSchema, input);
    return this.#bring(projectId, id, version, 'resolved', actor, notes, async (tx) => {
      const [alert] = await resolveCycleAlerts(tx, projectId, [id], { by: actor, at: this.#clock.now(), notes });
      return alert ?? null;
    });
  }

  async #bring(
    projectId: string,
    id: string,
    version: number | null,
    wanted: CycleAlertStatus,
    actor: string,
    notes: string | null,
    write: (tx: Transaction) => Promise<CycleAlert | null>,
  ): Promise<CycleAlert> {
    return this.#database.transaction(async (tx) => {
      await holdMap(tx, projectId);
      const before = found(id, await getCycleAlert(tx, projectId, id));
      const { status } = before;
      if (version !== null && version !== before.version) {
        throw new SignalboxError('OPTIMISTIC_LOCK', { noun: 'alert', id, expected: before.version, received: version });
      }
      if (!mayBecome(status, wanted)) throw new SignalboxError('CYCLE_ALERT_STATUS', { id, status, wanted });
      const after = found(id, await write(tx));
      await recordAudit(tx, projectId, {
        actor,
        action: `cycle.${wanted === 'resolved' ? 'resolve' : 'acknowledge'}`,
        subjectType: 'cycle_alert',
        subjectId: id,
        versionBefore: before.version,
        versionAfter: after.version,
        details: { path: before.path, environment: before.environment, notes },
      });
      await recordFeed(tx, projectId, 'topology', { alertId: id, change: wanted });
      return after;
    });
  }
}

function found(id: string, alert: CycleAlert | null): CycleAlert {
  if (!alert) throw new SignalboxError('CYCLE_ALERT_NOT_FOUND', { id });
  return alert;
}
