import { SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import { redact, redactText } from '../../platform/redaction/index.ts';
import type { ConflictResolver, RollbackConflict } from '../conflicts/index.ts';
import { formatDomainPath } from '../diff/index.ts';
import { itemsOfPoint } from '../points/compare-point.ts';
import type { RollbackPoint } from '../points/rollback-point.ts';
import type { RollbackPoints } from '../points/rollback-points.ts';
import { LAST_ROLLBACK } from '../ports/index.ts';
import { ROLLBACK_EVENTS } from '../rollback-events.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import {
  beginOperation,
  endOperation,
  type OperationEnd,
  reportOperation,
  writeBackupPoint,
} from './operation-store.ts';
import { planRollback, type RollbackPlan, refused, resolutionOf } from './plan-rollback.ts';
import type { RollbackLogEntry, RollbackOperation } from './rollback-operation.ts';
import { type Backup, RollbackRun, RunStopped } from './rollback-run.ts';
import { tellEnd } from './tell-end.ts';

/** Between signs of life of a run that takes long: a third of its lease. */
const SIGN_OF_LIFE_MS = 10_000;
/** The feed is told of progress whenever it gets past one more step of so many per cent. */
const FEED_STEP = 10;

/** A run that is under way in this process. */
export interface OpenRun {
  /** Resolves once it is over, however that went; never rejects (RB-238). */
  ended: Promise<void>;
  cancel(): void;
}

/** What a run has come to. */
type Outcome = Omit<OperationEnd, 'at' | 'log'> & { log?: readonly RollbackLogEntry[] };

/** Carries operations out, in this process. */
export class OperationRunner {
  readonly #parts: RollbackParts;
  readonly #points: RollbackPoints;

  constructor(parts: RollbackParts, points: RollbackPoints) {
    this.#parts = parts;
    this.#points = points;
  }

  open(
    operation: RollbackOperation,
    point: RollbackPoint,
    actor: string,
    resolver: ConflictResolver | undefined,
  ): OpenRun {
    const stop = new AbortController();
    const ended = this.#carryOut(operation, point, actor, resolver, stop).catch((err: unknown) => {
      this.#parts.logger.error(
        { err, operationId: operation.id },
        'a rollback could not be ended; its lease will run out',
      );
    });
    return { ended, cancel: () => stop.abort(new RunStopped('cancelled')) };
  }

  async #carryOut(
    { id, projectId, options }: RollbackOperation,
    point: RollbackPoint,
    actor: string,
    resolver: ConflictResolver | undefined,
    stop: AbortController,
  ): Promise<void> {
    const { database, runner, events, clock } = this.#parts;
    const operation = await beginOperation(database, projectId, id, runner);
    if (!operation) return;
    events.emit(ROLLBACK_EVENTS.started, { operation });
    await database.transaction((tx) =>
      recordFeed(tx, projectId, 'rollback', { event: ROLLBACK_EVENTS.started, operationId: id }),
    );
    const alive = clock.every(SIGN_OF_LIFE_MS, () => {
      void this.#report(operation, stop, { progress: 0, log: [], tell: false }).catch((err: unknown) =>
        this.#parts.logger.warn({ err }, 'no sign of life'),
      );
    });
    let run: RollbackRun | null = null;
    let outcome: Outcome;
    try {
      const planned = await planRollback(this.#parts, point, options, { actor, operationId: id });
      run = this.#makeRun(operation, point, actor, planned, resolver, stop);
      outcome = operation.mutating
        ? await this.#execute(operation, planned, run)
        : await this.#rehearse(operation, planned, run);
    } catch (error) {
      outcome = this.#failure(error, run);
    } finally {
      alive();
    }
    await this.#end(operation, point, actor, { ...outcome, log: [...(outcome.log ?? []), ...(run?.takeLog() ?? [])] });
  }

  #makeRun(
    operation: RollbackOperation,
    point: RollbackPoint,
    actor: string,
    { context, live }: RollbackPlan,
    resolver: ConflictResolver | undefined,
    stop: AbortController,
  ): RollbackRun {
    const { clock, merge } = this.#parts;
    let steps = 0;
    return new RollbackRun({
      ...context,
      clock,
      live,
      settle: {
        resolution: resolutionOf(operation.options, resolver),
        merge,
        onConflict: (conflict) => this.#conflict(operation, conflict),
      },
      signal: stop.signal,
      report: (progress, log) => {
        const before = steps;
        steps = Math.floor(progress / FEED_STEP);
        return this.#report(operation, stop, { progress, log, tell: steps > before });
      },
      backup: () => this.#backup(operation, point, actor),
    });
  }

  async #execute(
    operation: RollbackOperation,
    { strategy, context, plan, refusal }: RollbackPlan,
    run: RollbackRun,
  ): Promise<Outcome> {
    const { database, runner } = this.#parts;
    const { id, projectId, options } = operation;
    await reportOperation(database, projectId, id, runner, { strategy: strategy.name });
    if (refusal !== null) throw refused(strategy, context.point, refusal);
    for (const warning of plan.warnings) run.log('warn', warning);
    if (options.backup) await run.backup();
    await strategy.run(run, plan);
    const result = run.result(true);
    if (result.success) return { status: 'completed', result };
    const failed = result.errors.length;
    throw new SignalboxError('ROLLBACK_INCOMPLETE', { failed, total: result.totalChanges });
  }

  /** Looks at everything and changes nothing (RB-072, RB-109). */
  async #rehearse(operation: RollbackOperation, planned: RollbackPlan, run: RollbackRun): Promise<Outcome> {
    const { database, runner } = this.#parts;
    await reportOperation(database, operation.projectId, operation.id, runner, { strategy: 'dry_run' });
    await run.progress(10);
    for (const warning of planned.plan.warnings) run.log('warn', warning);
    await run.progress(40);
    const preview = await planned.preview();
    for (const conflict of preview.potentialConflicts)
      this.#conflict(operation, { currentValue: undefined, rollbackValue: undefined, ...conflict } as RollbackConflict);
    await run.progress(70);
    run.log(
      'info',
      `${preview.totalChanges} change(s) would be made, ${preview.potentialConflicts.length} of them are in conflict`,
    );
    return { status: 'completed', preview };
  }

  #failure(error: unknown, run: RollbackRun | null): Outcome {
    const result = run?.result(false) ?? null;
    if (error instanceof RunStopped && error.why === 'cancelled') {
      run?.log('warn', error.message);
      return { status: 'cancelled', result };
    }
    const message = redactText(error instanceof Error ? error.message : String(error));
    const timestamp = this.#parts.clock.now().toISOString();
    const known = SignalboxError.is(error);
    const details = known ? (redact(JSON.parse(JSON.stringify(error.details))) as Record<string, never>) : {};
    const log = [{ timestamp, level: 'error' as const, message }];
    return { status: 'failed', result, error: { code: known ? error.code : 'INTERNAL', message, details }, log };
  }

  async #end(
    operation: RollbackOperation,
    point: RollbackPoint,
    actor: string,
    outcome: OperationEnd | (Outcome & { log: readonly RollbackLogEntry[] }),
  ): Promise<void> {
    const { database, clock, runner, events } = this.#parts;
    const { id, projectId } = operation;
    const ended = await database.transaction(async (tx) => {
      const after = await endOperation(tx, projectId, id, runner, { ...outcome, at: clock.now() });
      if (after) await tellEnd(tx, after, actor);
      return after;
    });
    // Somebody else has ended it, and told so.
    if (!ended) return;
    if (ended.status === 'completed') events.emit(ROLLBACK_EVENTS.completed, { operation: ended });
    else if (ended.status === 'cancelled') events.emit(ROLLBACK_EVENTS.cancelled, { operation: ended });
    else events.emit(ROLLBACK_EVENTS.failed, { operation: ended, error: ended.error?.message ?? '' });
    if (!ended.mutating) return;
    await this.#noteInSession(ended, actor);
    await this.#notify(ended, point);
  }

  /** Stores progress and log lines, and learns whether it shall stop. */
  async #report(
    { id, projectId }: RollbackOperation,
    stop: AbortController,
    { progress, log, tell }: { progress: number; log: readonly RollbackLogEntry[]; tell: boolean },
  ): Promise<void> {
    const { database, runner, events } = this.#parts;
    const answer = await database.transaction(async (tx) => {
      const reported = await reportOperation(tx, projectId, id, runner, { progress, log });
      if (reported && tell) {
        await recordFeed(tx, projectId, 'rollback', { event: ROLLBACK_EVENTS.progress, operationId: id, progress });
      }
      return reported;
    });
    if (!answer) stop.abort(new RunStopped('lost'));
    else if (answer.cancelled) stop.abort(new RunStopped('cancelled'));
    if (answer && progress > 0) events.emit(ROLLBACK_EVENTS.progress, { projectId, operationId: id, progress });
  }

  async #backup(operation: RollbackOperation, point: RollbackPoint, actor: string): Promise<Backup> {
    const { database } = this.#parts;
    const made = await this.#points.backup(point, operation.id, actor);
    await writeBackupPoint(database, operation.projectId, operation.id, made.id);
    const values = new Map<string, unknown>();
    for (const [type, items] of await itemsOfPoint(this.#parts, made)) {
      for (const { key, value } of items) values.set(formatDomainPath(type, key), value);
    }
    return values;
  }

  #conflict({ id, projectId, sessionId, targetRollbackPointId }: RollbackOperation, conflict: RollbackConflict): void {
    this.#parts.events.emit(ROLLBACK_EVENTS.conflictDetected, { projectId, operationId: id, conflict });
    if (conflict.type !== 'dependency_conflict') return;
    void this.#parts.notify({
      kind: 'critical_conflict',
      severity: 'critical',
      projectId,
      sessionId,
      rollbackPointId: targetRollbackPointId,
      operationId: id,
      message: `${conflict.path} cannot be put back without breaking what hangs on it.`,
    });
  }

  /** RB-202. A failure is a warning: the rollback stands. */
  async #noteInSession(
    { id, projectId, sessionId, targetRollbackPointId, result, completedAt }: RollbackOperation,
    actor: string,
  ): Promise<void> {
    if (sessionId === null) return;
    const note = {
      rollbackPointId: targetRollbackPointId,
      operationId: id,
      timestamp: completedAt,
      success: result?.success ?? false,
      entitiesProcessed: result?.rolledBackEntities ?? 0,
      relationshipsProcessed: result?.rolledBackRelationships ?? 0,
    };
    await this.#parts.sessions
      .update(projectId, sessionId, { metadata: { [LAST_ROLLBACK]: note } }, actor)
      .catch((err: unknown) => {
        this.#parts.logger.warn({ err, sessionId }, 'the session could not be told of its rollback');
      });
  }

  async #notify({ id, projectId, sessionId, status, error }: RollbackOperation, point: RollbackPoint): Promise<void> {
    if (status === 'cancelled') return;
    const failed = status === 'failed';
    await this.#parts.notify({
      kind: failed ? 'failed' : 'executed',
      severity: failed ? 'error' : 'info',
      projectId,
      sessionId,
      rollbackPointId: point.id,
      operationId: id,
      message: failed
        ? `The rollback to "${point.name}" failed: ${error?.message}`
        : `Everything is as at "${point.name}".`,
    });
  }
}
