import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import { redact, redactText } from '../../platform/redaction/index.ts';
import { alertFor, measure } from './alert-rules.ts';
import { type MonitoringEvent, MonitoringEvents } from './monitoring-events.ts';
import { type MonitoringSettings, monitoringSettingsSchema } from './monitoring-settings.ts';
import {
  healthOf,
  type MonitoringExport,
  type MonitoringSummary,
  type MonitoringTrends,
} from './monitoring-summary.ts';
import type { RaisedAlert, RollbackAlert } from './rollback-alert.ts';
import {
  dropResolvedAlerts,
  getAlert,
  openAlerts,
  pageAlerts,
  projectsWithAlerts,
  raiseAlert,
  resolveAlert,
  subsideAlert,
} from './rollback-alert-store.ts';
import type { EndedOperation, RollbackFigures } from './rollback-figures.ts';
import { type RollbackMetrics, type RollbackSample, type SampleCause, successRate } from './rollback-sample.ts';
import { dropSamples, insertSample, latestSamples, pageSamples } from './rollback-sample-store.ts';

const HOUR = 3_600_000;
/** RB-222, RB-226. */
const SUMMARY_SAMPLES = 60;
const EXPORTED_SAMPLES = 10;
/** More than a day of samples; a longer trend is told by its latest part. */
const TREND_SAMPLES = 5_000;
const TREND_HOURS = 24;

export interface RollbackMonitorParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  figures: RollbackFigures;
  /** What is left out is as {@link monitoringSettingsSchema} says. */
  settings?: { alertThresholds?: Partial<MonitoringSettings['alertThresholds']> } & Partial<
    Omit<MonitoringSettings, 'alertThresholds'>
  >;
  /** Told what failed where nobody waits for an answer. */
  onError: (error: unknown) => void;
}

/**
 * Watches over rollbacks (RB-213 to RB-228): takes samples of their figures, raises alerts where these exceed their limits, and
 * tells how things stand. Samples and alerts are kept per project in the database; of several nodes that watch, one takes the sample
 * of an interval.
 */
export class RollbackMonitor {
  readonly name = 'watch rollbacks';
  readonly #parts: RollbackMonitorParts;
  readonly #settings: MonitoringSettings;
  readonly #events: MonitoringEvents;
  readonly #since: number;
  #rounds: { abort: AbortController; ended: Promise<void> } | null = null;
  #failure: string | null = null;

  /** @throws UNKNOWN_FIELD, VALIDATION_FAILED where a setting is none */
  constructor(parts: RollbackMonitorParts) {
    this.#parts = parts;
    this.#settings = parseInput(monitoringSettingsSchema, parts.settings ?? {});
    this.#events = new MonitoringEvents(parts.onError);
    this.#since = parts.clock.monotonic();
  }

  /** What the last round failed with; null after one that went well. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Returns the unsubscribe. */
  on(listener: (event: MonitoringEvent) => void): () => void {
    return this.#events.on(listener);
  }

  /** Takes samples of every project at once and then each interval (RB-214). Idempotent. */
  start(): void {
    if (this.#rounds) return;
    const abort = new AbortController();
    this.#events.tell({ event: 'monitoring-started' });
    this.#rounds = { abort, ended: this.#watch(abort.signal) };
  }

  /** Resolves when a round under way has ended; nothing is done after that. Idempotent. */
  async stop(): Promise<void> {
    const rounds = this.#rounds;
    if (!rounds) return;
    this.#rounds = null;
    rounds.abort.abort();
    await rounds.ended;
    this.#events.tell({ event: 'monitoring-stopped' });
  }

  /** A point was created (RB-215). */
  async pointCreated(projectId: string): Promise<void> {
    await this.#look(projectId, 'point_created');
  }

  async cleanupCompleted(projectId: string): Promise<void> {
    await this.#look(projectId, 'cleanup_completed');
  }

  /** An operation has ended (RB-215, RB-218). A cancelled one is neither success nor failure (RB-241). */
  async operationEnded(projectId: string, operation: EndedOperation): Promise<void> {
    if (operation.status === 'cancelled') return;
    const alert = alertFor(operation, this.#settings.alertThresholds);
    if (alert && this.#settings.enableAlerting) {
      await this.#transaction((tx, told) => this.#raise(tx, projectId, alert, { byOperation: true }, told));
    }
    await this.#look(projectId, operation.status === 'failed' ? 'rollback_failed' : 'rollback_completed');
  }

  /** A page of the project's samples; see `SAMPLE_FIELDS`. */
  samples(projectId: string, query: ListQuery = {}): Promise<Page<RollbackSample>> {
    return pageSamples(this.#parts.database, projectId, query);
  }

  /** A page of the project's alerts (RB-221); see `ALERT_FIELDS`. */
  alerts(projectId: string, query: ListQuery = {}): Promise<Page<RollbackAlert>> {
    return pageAlerts(this.#parts.database, projectId, query);
  }

  /** @throws ROLLBACK_ALERT_NOT_FOUND */
  async alert(projectId: string, id: string): Promise<RollbackAlert> {
    const alert = await getAlert(this.#parts.database, projectId, id);
    if (!alert) throw new SignalboxError('ROLLBACK_ALERT_NOT_FOUND', { id });
    return alert;
  }

  /** Somebody says that an alert is dealt with. True once; false where it is resolved already or there is none (RB-221). */
  resolveAlert(projectId: string, id: string, actor: string): Promise<boolean> {
    const { clock, ids } = this.#parts;
    return this.#transaction(async (tx, told) => {
      const alert = await resolveAlert(tx, projectId, id, clock.now(), actor);
      if (!alert) return false;
      const { type, severity } = alert;
      const subject = { subjectType: 'rollback_alert', subjectId: id, details: { type, severity } };
      await recordAudit(tx, projectId, { actor, action: 'rollback_alert.resolve', ...subject }, ids);
      await this.#tellResolved(tx, alert, told);
      return true;
    });
  }

  /** How rollbacks stand now (RB-222, RB-223). */
  async summary(projectId: string): Promise<MonitoringSummary> {
    const { database, clock, figures } = this.#parts;
    const metrics = await this.#metrics(projectId);
    const open = await openAlerts(database, projectId);
    const { totalRollbackPoints, successfulRollbacks, failedRollbacks } = metrics;
    return {
      uptime: clock.monotonic() - this.#since,
      totalRollbackPoints,
      successfulRollbacks,
      failedRollbacks,
      totalOperations: successfulRollbacks + failedRollbacks,
      successRate: successRate(metrics),
      averageOperationTime: metrics.averageRollbackTime,
      currentMemoryUsage: metrics.memoryUsage,
      activeOperations: await figures.activeCount(projectId),
      pendingOperations: await figures.pendingCount(projectId),
      activeAlerts: open.length,
      recentMetrics: await latestSamples(database, projectId, this.#ago(HOUR), SUMMARY_SAMPLES),
      healthStatus: healthOf(open),
    };
  }

  /** How figures developed over the last hours (RB-224). */
  async trends(projectId: string, hours: number = TREND_HOURS): Promise<MonitoringTrends> {
    const since = this.#ago(hours * HOUR);
    const samples = await latestSamples(this.#parts.database, projectId, since, TREND_SAMPLES);
    return {
      operationTimes: samples.map(({ timestamp, metrics }) => ({
        timestamp,
        averageTime: metrics.averageRollbackTime,
      })),
      memoryUsage: samples.map(({ timestamp, metrics }) => ({ timestamp, usage: metrics.memoryUsage })),
      successRates: samples.map(({ timestamp, metrics }) => ({ timestamp, rate: successRate(metrics) })),
    };
  }

  /** All that matters, for programs that keep it elsewhere (RB-226). */
  async export(projectId: string): Promise<MonitoringExport> {
    const { database } = this.#parts;
    return {
      dashboard_summary: await this.summary(projectId),
      recent_metrics: await latestSamples(database, projectId, new Date(0), EXPORTED_SAMPLES),
      active_alerts: await openAlerts(database, projectId),
    };
  }

  /** One round over every project in which there is something to watch, and what is too old goes (RB-214, RB-225). */
  async watchAll(): Promise<void> {
    const { database, figures } = this.#parts;
    const watched = new Set([...(await figures.projects()), ...(await projectsWithAlerts(database))]);
    for (const projectId of watched) await this.#look(projectId, 'interval');
    const before = this.#ago(this.#settings.retentionPeriod);
    await dropSamples(database, before);
    await dropResolvedAlerts(database, before);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.watchAll();
        this.#failure = null;
      } catch (error) {
        this.#failed(null, error);
      }
      await this.#parts.clock.sleep(this.#settings.metricsInterval, signal);
    }
  }

  /** A sample, and what it says about alerts. A failure is reported; the rollback that it was taken for is not concerned. */
  async #look(projectId: string, cause: SampleCause): Promise<void> {
    try {
      const sample = await this.#sample(projectId, cause);
      // Two nodes watch at the same pace: half an interval tells one's round from the other's next.
      const unlessSince = cause === 'interval' ? this.#ago(this.#settings.metricsInterval / 2) : null;
      await this.#transaction(async (tx, told) => {
        if (!(await insertSample(tx, projectId, sample, unlessSince))) return;
        told.push({ event: 'metrics-collected', projectId, sample });
        if (this.#settings.enableAlerting) await this.#check(tx, sample, told);
      });
    } catch (error) {
      this.#failed(projectId, error);
    }
  }

  async #sample(projectId: string, cause: SampleCause): Promise<RollbackSample> {
    const { clock, ids, figures } = this.#parts;
    const { maxMemoryUsage } = this.#settings.alertThresholds;
    const metrics = await this.#metrics(projectId);
    return {
      id: ids.uuid(),
      projectId,
      timestamp: clock.now().toISOString(),
      cause,
      metrics,
      activeOperations: await figures.activeCount(projectId),
      pendingOperations: await figures.pendingCount(projectId),
      recentFailures: await figures.recentFailures(projectId, this.#ago(HOUR)),
      memoryPressure: Math.min(100, (metrics.memoryUsage / maxMemoryUsage) * 100),
    };
  }

  async #metrics(projectId: string): Promise<RollbackMetrics> {
    const { figures } = this.#parts;
    return { ...(await figures.totals(projectId)), memoryUsage: await figures.memory(projectId) };
  }

  /** RB-217, RB-220: what exceeds its limit is alerted about, what is back within it resolves itself. */
  async #check(tx: Transaction, sample: RollbackSample, told: MonitoringEvent[]): Promise<void> {
    const { projectId } = sample;
    for (const { type, severity, alert } of measure(sample, this.#settings.alertThresholds)) {
      if (alert) await this.#raise(tx, projectId, alert, { byOperation: false }, told);
      else await this.#subside(tx, projectId, { type, severity }, told);
    }
    // No figure speaks of single failures: it is over when none was for an hour.
    await this.#subside(tx, projectId, { type: 'failure_rate', severity: 'warning' }, told);
  }

  async #raise(
    tx: Transaction,
    projectId: string,
    { type, severity, message, data }: RaisedAlert,
    { byOperation }: { byOperation: boolean },
    told: MonitoringEvent[],
  ): Promise<void> {
    const { ids, clock } = this.#parts;
    const clean = { message: redactText(message), data: redact(data) };
    const raised = { id: ids.uuid(), at: clock.now(), type, severity, ...clean, byOperation };
    const alert = await raiseAlert(tx, projectId, raised);
    if (alert.occurrences > 1) return;
    await recordFeed(tx, projectId, 'rollback', { alertId: alert.id, change: 'alert_created', type, severity });
    told.push({ event: 'alert-created', projectId, alert });
  }

  async #subside(
    tx: Transaction,
    projectId: string,
    kind: Pick<RaisedAlert, 'type' | 'severity'>,
    told: MonitoringEvent[],
  ): Promise<void> {
    const alert = await subsideAlert(tx, projectId, kind, this.#parts.clock.now(), this.#ago(HOUR));
    if (alert) await this.#tellResolved(tx, alert, told);
  }

  async #tellResolved(tx: Transaction, alert: RollbackAlert, told: MonitoringEvent[]): Promise<void> {
    const { id, projectId, type, severity } = alert;
    await recordFeed(tx, projectId, 'rollback', { alertId: id, change: 'alert_resolved', type, severity });
    told.push({ event: 'alert-resolved', projectId, alert });
  }

  /** What is told is told once it has committed. */
  async #transaction<T>(work: (tx: Transaction, told: MonitoringEvent[]) => Promise<T>): Promise<T> {
    let told: MonitoringEvent[] = [];
    const result = await this.#parts.database.transaction(
      (tx) => {
        told = [];
        return work(tx, told);
      },
      { retries: 3 },
    );
    for (const event of told) this.#events.tell(event);
    return result;
  }

  #failed(projectId: string | null, error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    this.#parts.onError(error);
    this.#events.tell({ event: 'metrics-collection-error', projectId, error });
  }

  #ago(ms: number): Date {
    return new Date(this.#parts.clock.now().getTime() - ms);
  }
}
