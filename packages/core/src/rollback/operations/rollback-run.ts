import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { redact, redactText } from '../../platform/redaction/index.ts';
import type { RollbackConflict } from '../conflicts/index.ts';
import { type DiffEntry, deepEqual, parseDomainPath } from '../diff/index.ts';
import type { PlanContext, RunContext, SettledChange } from '../strategies/strategy.ts';
import type { FailedWrites, LiveState } from './live-state.ts';
import type { ItemError, RollbackLogEntry, RollbackResult } from './rollback-operation.ts';
import { overtaken, type Settlement, type SettleParts, settleConflicts } from './settle-conflicts.ts';

/** Ends a run between two changes: somebody cancelled it, or it is not ours any more. */
export class RunStopped extends Error {
  readonly why: 'cancelled' | 'lost';

  constructor(why: 'cancelled' | 'lost') {
    super(why === 'cancelled' ? 'the rollback was cancelled' : 'the rollback was given up by another process');
    this.name = 'RunStopped';
    this.why = why;
  }
}

/** Values of a backup, by path; absent where nothing was. */
export type Backup = ReadonlyMap<string, unknown>;

export interface RunParts extends PlanContext {
  clock: Clock;
  live: LiveState;
  settle: Pick<SettleParts, 'resolution' | 'merge' | 'onConflict'>;
  /** Aborts when it is cancelled or lost; the reason is a {@link RunStopped}. */
  signal: AbortSignal;
  /** Stores how far it is, and what it has to say. */
  report(progress: number, log: readonly RollbackLogEntry[]): Promise<void>;
  /** Makes a point of how everything is, and answers what it holds. */
  backup(): Promise<Backup>;
}

interface Written {
  path: string;
  value: unknown;
}

/** What stands where once a change is made: a move empties one place and fills another. */
function placesOf({ change, value }: SettledChange): Written[] {
  if (change.operation !== 'move') return [{ path: change.path, value }];
  return [
    { path: change.path, value: undefined },
    { path: String(change.metadata?.to), value },
  ];
}

/** One run of a strategy: what it may do, and the record of what it did. */
export class RollbackRun implements RunContext {
  readonly point;
  readonly snapshots;
  readonly changes;
  readonly options;
  readonly now;
  readonly graph;
  readonly #parts: RunParts;
  readonly #startedAt: number;
  readonly #settlements: Settlement[] = [];
  readonly #skipped = new Set<string>();
  readonly #errors: ItemError[] = [];
  readonly #applied: DiffEntry[] = [];
  readonly #written: Written[] = [];
  #log: RollbackLogEntry[] = [];
  #progress = 0;
  #total = 0;
  #resolvingMs = 0;
  #backup: Backup | null = null;
  #restored: 'old' | 'partial' | null = null;

  constructor(parts: RunParts) {
    const { point, snapshots, changes, options, now, graph } = parts;
    this.point = point;
    this.snapshots = snapshots;
    this.changes = changes;
    this.options = options;
    this.now = now;
    this.graph = graph;
    this.#parts = parts;
    this.#startedAt = parts.clock.monotonic();
  }

  async settle(changes: readonly DiffEntry[], known: readonly RollbackConflict[] = []): Promise<SettledChange[]> {
    this.#total = Math.max(this.#total, changes.length);
    return this.#settle(changes, known);
  }

  async settleAgain(changes: readonly SettledChange[]): Promise<SettledChange[]> {
    const live = await this.#parts.live.read(changes.map(({ change }) => change.path));
    const again = new Set(overtaken(changes, live));
    if (again.size === 0) return [...changes];
    const settled = await this.#settle(
      [...again].map(({ change }) => change),
      [],
    );
    const bySource = new Map(settled.map((one) => [one.change, one]));
    return changes.flatMap((one) => {
      if (!again.has(one)) return [one];
      const anew = bySource.get(one.change);
      return anew ? [anew] : [];
    });
  }

  async unchecked(changes: readonly DiffEntry[]): Promise<SettledChange[]> {
    this.#check();
    this.#total = Math.max(this.#total, changes.length);
    const live = await this.#parts.live.read(changes.map(({ path }) => path));
    return changes.map((change) => ({ change, value: change.newValue, expected: live.get(change.path) }));
  }

  async #settle(changes: readonly DiffEntry[], known: readonly RollbackConflict[]): Promise<SettledChange[]> {
    this.#check();
    const { live, settle, clock } = this.#parts;
    const began = clock.monotonic();
    const settlement = await settleConflicts(
      {
        ...settle,
        read: (paths) => live.read(paths),
        graph: () => live.graph(),
        dependencies: this.graph.dependencies,
        warn: (message, data) => this.log('warn', message, data),
      },
      changes,
      known,
    );
    this.#resolvingMs += clock.monotonic() - began;
    this.#settlements.push(settlement);
    for (const path of settlement.skipped) this.#skipped.add(path);
    return settlement.settled;
  }

  groups(changes: readonly SettledChange[]): SettledChange[][] {
    return this.#parts.live.groups(changes);
  }

  async apply(group: readonly SettledChange[]): Promise<number> {
    return (await this.#write(group)).size;
  }

  async applyVerified(group: readonly SettledChange[]): Promise<void> {
    for (const error of (await this.#write(group)).values()) throw error;
    const paths = await this.remaining(group);
    if (paths.length > 0) throw new SignalboxError('ROLLBACK_VERIFICATION_FAILED', { paths });
  }

  async #write(group: readonly SettledChange[]): Promise<FailedWrites> {
    this.#check();
    const { live, signal } = this.#parts;
    const due = group.filter(
      ({ change, value, expected }) => change.operation === 'move' || !deepEqual(value, expected),
    );
    const failed = await live.write(due, signal);
    const writing = new Set(due);
    for (const settled of group) {
      if (failed.has(settled)) continue;
      if (writing.has(settled)) this.#written.push(...placesOf(settled));
      this.#applied.push(settled.change);
    }
    // Given up in the middle of a group, which went back: nobody failed.
    if (failed.size > 0) signal.throwIfAborted();
    for (const [{ change }, error] of failed) this.#failed(change, error);
    return failed;
  }

  #failed({ path, operation, newValue }: DiffEntry, error: unknown): void {
    const { type, key } = parseDomainPath(path);
    const code = SignalboxError.is(error) ? error.code : 'INTERNAL';
    const message = redactText(error instanceof Error ? error.message : String(error));
    const recoverable = SignalboxError.is(error) && (error.status === 409 || error.status === 503);
    this.#errors.push({ type, id: key, action: operation, code, error: message, recoverable });
    this.log('error', `${path} could not be written: ${message}`);
    if (code !== 'FORBIDDEN') return;
    this.#parts.settle.onConflict({
      path,
      type: 'permission_denied',
      currentValue: undefined,
      rollbackValue: newValue,
    });
  }

  async backup(): Promise<void> {
    this.#check();
    this.#backup ??= await this.#parts.backup();
  }

  async restoreBackup(): Promise<'old' | 'partial'> {
    const { live, signal } = this.#parts;
    const backup = this.#backup;
    const lost = signal.aborted && (signal.reason as RunStopped).why === 'lost';
    if (!backup || lost) {
      this.#restored = this.#written.length === 0 ? 'old' : 'partial';
      return this.#restored;
    }
    let left = 0;
    const back: SettledChange[] = [];
    const there = await live.read(this.#written.map(({ path }) => path));
    for (const { path, value } of this.#written.toReversed()) {
      const [now, old] = [there.get(path), backup.get(path)];
      // Somebody else wrote there since: it is theirs.
      if (!deepEqual(now, value)) left += 1;
      else
        back.push({ change: { path, operation: 'update', oldValue: now, newValue: old }, value: old, expected: now });
    }
    for (const group of live.groups(back)) {
      for (const error of (await live.write(group)).values()) {
        if (!SignalboxError.is(error, 'ROLLBACK_WRITE_STALE')) throw error;
        left += 1;
      }
    }
    this.#restored = left === 0 ? 'old' : 'partial';
    this.#applied.length = 0;
    return this.#restored;
  }

  async remaining(changes: readonly SettledChange[]): Promise<string[]> {
    const wanted = new Map(changes.flatMap(placesOf).map(({ path, value }) => [path, value]));
    const live = await this.#parts.live.read(wanted.keys());
    return [...wanted].flatMap(([path, value]) => (deepEqual(live.get(path), value) ? [] : [path]));
  }

  async progress(percent: number): Promise<void> {
    const whole = Math.min(100, Math.max(0, Math.floor(percent)));
    if (whole <= this.#progress) return;
    this.#progress = whole;
    await this.#parts.report(whole, this.takeLog());
  }

  log(level: RollbackLogEntry['level'], message: string, data?: Record<string, unknown>): void {
    const timestamp = this.#parts.clock.now().toISOString();
    const clean = data && { data: redact(data) as RollbackLogEntry['data'] };
    this.#log.push({ timestamp, level, message: redactText(message), ...clean });
  }

  async pause(ms: number): Promise<void> {
    await this.#parts.clock.sleep(ms, this.#parts.signal);
    this.#check();
  }

  /** What was said since this was last asked. */
  takeLog(): RollbackLogEntry[] {
    const log = this.#log;
    this.#log = [];
    return log;
  }

  /** @throws RunStopped, ROLLBACK_TIMEOUT */
  #check(): void {
    const { signal, clock, options } = this.#parts;
    signal.throwIfAborted();
    if (options.maxDuration === undefined || clock.monotonic() - this.#startedAt <= options.maxDuration) return;
    throw new SignalboxError('ROLLBACK_TIMEOUT', {
      maxDuration: options.maxDuration,
      applied: this.#applied.length,
      total: this.#total,
    });
  }

  /** What it did until now. @param complete whether it came to its end */
  result(complete: boolean): RollbackResult {
    const appliedChanges = this.#applied.length;
    const count = (type: string) => this.#applied.filter(({ path }) => parseDomainPath(path).type === type).length;
    const sum = (of: (settlement: Settlement) => number) =>
      this.#settlements.reduce((total, one) => total + of(one), 0);
    return {
      success: complete && this.#errors.length === 0,
      totalChanges: this.#total,
      appliedChanges,
      rolledBackEntities: count('entity'),
      rolledBackRelationships: count('relationship'),
      errors: [...this.#errors],
      skipped: [...this.#skipped],
      partialSuccess: appliedChanges > 0 && appliedChanges < this.#total,
      conflicts: {
        found: sum(({ found }) => found),
        resolved: sum(({ resolved }) => resolved),
        took: this.#resolvingMs,
      },
      restored: this.#restored,
    };
  }
}
