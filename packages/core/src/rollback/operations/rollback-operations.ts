import { recordAudit } from '../../audit/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import type { ConflictResolver } from '../conflicts/index.ts';
import type { RollbackPoint } from '../points/rollback-point.ts';
import type { RollbackPoints } from '../points/rollback-points.ts';
import { ROLLBACK_EVENTS } from '../rollback-events.ts';
import type { RollbackParts } from '../rollback-parts.ts';
import { type OpenRun, OperationRunner } from './operation-runner.ts';
import { isOver } from './operation-status.ts';
import {
  activeOperation,
  cancelOperation,
  failGoneOperations,
  getOperation,
  insertOperation,
  pageOperations,
} from './operation-store.ts';
import { planRollback } from './plan-rollback.ts';
import {
  type RollbackOperation,
  type RollbackOptions,
  type RollbackPreview,
  rollbackOptionsSchema,
  type StartRollback,
} from './rollback-operation.ts';
import { tellEnd } from './tell-end.ts';

export interface StartOptions {
  /** Asked for each conflict where the resolution is `ask_user` (RB-128), in place of the answers that are given. */
  resolver?: ConflictResolver;
}

/** Going back to points: in the background, one at a time in a project. */
export class RollbackOperations {
  readonly #parts: RollbackParts;
  readonly #points: RollbackPoints;
  readonly #runner: OperationRunner;
  readonly #open = new Map<string, OpenRun>();

  constructor(parts: RollbackParts, points: RollbackPoints) {
    this.#parts = parts;
    this.#points = points;
    this.#runner = new OperationRunner(parts, points);
  }

  /**
   * Stores the operation, answers it as it is (`pending`), and goes on in the background (RB-066). Ask for it to see how
   * far it is.
   * @throws VALIDATION_FAILED, DATABASE_NOT_READY, ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED, ROLLBACK_IN_PROGRESS
   */
  async start(
    projectId: string,
    pointId: string,
    input: StartRollback,
    actor: string,
    { resolver }: StartOptions = {},
  ): Promise<RollbackOperation> {
    const options = parseInput(rollbackOptionsSchema, input);
    checkOptions(options);
    await this.#points.checkReady();
    const point = await this.#points.existing(projectId, pointId);
    const operation =
      (await this.#insert(point, options, actor)) ?? (await this.#insertAfterGone(point, options, actor));
    const run = this.#runner.open(operation, point, actor, resolver);
    this.#open.set(operation.id, run);
    void run.ended.finally(() => this.#open.delete(operation.id));
    return operation;
  }

  /** Null when unknown. */
  get(projectId: string, id: string): Promise<RollbackOperation | null> {
    return getOperation(this.#parts.database, projectId, id);
  }

  /** @throws OPERATION_NOT_FOUND */
  async existing(projectId: string, id: string): Promise<RollbackOperation> {
    const operation = await this.get(projectId, id);
    if (!operation) throw new SignalboxError('OPERATION_NOT_FOUND', { operationId: id });
    return operation;
  }

  /** Newest first unless asked otherwise, by any filter on {@link OPERATION_FIELDS}. */
  list(projectId: string, query: ListQuery = {}): Promise<Page<RollbackOperation>> {
    return pageOperations(this.#parts.database, projectId, query);
  }

  /** What a rollback would do; changes nothing, and may be asked for while one is under way (RB-078, RB-117). */
  async preview(projectId: string, pointId: string, input: StartRollback, actor: string): Promise<RollbackPreview> {
    const options = parseInput(rollbackOptionsSchema, input);
    checkOptions(options);
    await this.#points.checkReady();
    const point = await this.#points.existing(projectId, pointId);
    const { preview } = await planRollback(this.#parts, point, options, { actor });
    return preview();
  }

  /**
   * Asks an operation to stop, and waits for that where it runs in this process (RB-077): nothing is applied after it, and
   * `safe` has put back what it wrote. True for the first who asks; false when it is over.
   * @throws OPERATION_NOT_FOUND
   */
  async cancel(
    projectId: string,
    id: string,
    actor: string,
  ): Promise<{ cancelled: boolean; operation: RollbackOperation }> {
    await this.existing(projectId, id);
    const asked = await this.#parts.database.transaction(async (tx) => {
      const operation = await cancelOperation(tx, projectId, id, this.#parts.clock.now(), actor);
      if (!operation) return null;
      await recordAudit(tx, projectId, { actor, action: 'rollback.cancel', subjectType: 'rollback', subjectId: id });
      if (operation.status === 'cancelled') await tellEnd(tx, operation, actor);
      return operation;
    });
    if (asked?.status === 'cancelled') this.#parts.events.emit(ROLLBACK_EVENTS.cancelled, { operation: asked });
    if (asked) this.#open.get(id)?.cancel();
    await this.#open.get(id)?.ended;
    return { cancelled: asked !== null, operation: await this.existing(projectId, id) };
  }

  /** Starts going back to where everything was before an operation (RB-080). @throws OPERATION_NOT_FOUND, ROLLBACK_NOT_FOUND when it has no backup, and as `start` */
  async undo(projectId: string, id: string, input: StartRollback, actor: string): Promise<RollbackOperation> {
    const { backupPointId, targetRollbackPointId } = await this.existing(projectId, id);
    if (backupPointId === null)
      throw new SignalboxError('ROLLBACK_NOT_FOUND', { id: `before ${targetRollbackPointId}` });
    return this.start(projectId, backupPointId, input, actor);
  }

  /**
   * Waits until it is over (RB-198) and, where it runs in this process, until that has been told too: its row says so before
   * listeners, its session and people hear of it.
   * @throws OPERATION_NOT_FOUND, OPERATION_TIMEOUT after `timeoutMs`; it goes on then
   */
  async wait(projectId: string, id: string, timeoutMs = 300_000): Promise<RollbackOperation> {
    const { clock } = this.#parts;
    const late = new AbortController();
    const tooLate = clock.sleep(timeoutMs, late.signal).then(() => 'late' as const);
    try {
      for (;;) {
        const here = this.#open.get(id)?.ended.then(() => 'moved' as const);
        const operation = await this.existing(projectId, id);
        if (isOver(operation.status)) {
          await Promise.race([tooLate, here]);
          return operation;
        }
        const moved = here ?? clock.sleep(ELSEWHERE_MS, late.signal).then(() => 'moved' as const);
        if ((await Promise.race([tooLate, moved])) === 'late')
          throw new SignalboxError('OPERATION_TIMEOUT', { operationId: id, timeoutMs });
      }
    } finally {
      late.abort();
    }
  }

  /** Ends operations whose process is gone, in any project (RB-079). Answers how many. */
  async failGone(): Promise<number> {
    const { database, clock, events } = this.#parts;
    const error = new SignalboxError('ROLLBACK_INTERRUPTED');
    const gone = await database.transaction(async (tx) => {
      const at = clock.now();
      const message = 'the process that ran it is gone';
      const failed = await failGoneOperations(
        tx,
        at,
        { code: error.code, message: error.message, details: {} },
        { timestamp: at.toISOString(), level: 'error', message },
      );
      for (const operation of failed) await tellEnd(tx, operation, 'system');
      return failed;
    });
    for (const operation of gone) {
      events.emit(ROLLBACK_EVENTS.failed, { operation, error: operation.error?.message ?? error.message });
    }
    return gone.length;
  }

  /** Cancels what runs in this process, and waits for it (RB-028). */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    for (const run of open) run.cancel();
    await Promise.allSettled(open.map(({ ended }) => ended));
  }

  async #insert(point: RollbackPoint, options: RollbackOptions, actor: string): Promise<RollbackOperation | null> {
    const { database, ids, clock, runner } = this.#parts;
    const mutating = !options.dryRun && options.type !== 'dry_run';
    return database
      .transaction(async (tx) => {
        const operation = await insertOperation(tx, {
          id: ids.uuid(),
          projectId: point.projectId,
          type: options.type,
          strategy: null,
          targetRollbackPointId: point.id,
          targetRollbackPointName: point.name,
          sessionId: point.sessionId,
          options,
          mutating,
          createdBy: actor,
          startedAt: clock.now().toISOString(),
          runner,
        });
        if (!operation) throw new Occupied();
        const { id, projectId, type } = operation;
        const details = {
          rollbackPointId: point.id,
          name: point.name,
          type,
          dryRun: !mutating,
          strategy: options.strategy ?? null,
        };
        await recordAudit(tx, projectId, {
          actor,
          action: 'rollback.start',
          subjectType: 'rollback',
          subjectId: id,
          details,
        });
        return operation;
      })
      .catch((error: unknown) => {
        if (error instanceof Occupied) return null;
        throw error;
      });
  }

  /** The one in the way may be that of a process that is gone. @throws ROLLBACK_IN_PROGRESS */
  async #insertAfterGone(point: RollbackPoint, options: RollbackOptions, actor: string): Promise<RollbackOperation> {
    if ((await this.failGone()) > 0) {
      const operation = await this.#insert(point, options, actor);
      if (operation) return operation;
    }
    const operationId = await activeOperation(this.#parts.database, point.projectId);
    throw new SignalboxError('ROLLBACK_IN_PROGRESS', { operationId });
  }
}

/** How often one that runs in another process is looked at. */
const ELSEWHERE_MS = 1_000;

/** Another operation is changing the project. */
class Occupied extends Error {}

/** Options that say two things. @throws VALIDATION_FAILED */
function checkOptions({ type, strategy, partialSelections, timebasedFilter }: RollbackOptions): void {
  const say = (reason: string) => new SignalboxError('VALIDATION_FAILED', { reason });
  if (strategy !== undefined && (type === 'partial' || type === 'selective')) {
    throw say(`a rollback of type "${type}" has a strategy of its own; leave out \`strategy\``);
  }
  if (partialSelections && type !== 'partial') throw say('`partialSelections` are for rollbacks of type "partial"');
  if (timebasedFilter && type !== 'selective') throw say('`timebasedFilter` is for rollbacks of type "selective"');
}
