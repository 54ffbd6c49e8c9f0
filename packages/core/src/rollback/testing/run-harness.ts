import { ManualClock } from '../../platform/clock/manual-clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { ConflictResolution, RollbackConflict } from '../conflicts/index.ts';
import { cloneValue, type DiffEntry, deepEqual, readDomainPath } from '../diff/index.ts';
import { LiveState } from '../operations/live-state.ts';
import { type RollbackLogEntry, rollbackOptionsSchema, type StartRollback } from '../operations/rollback-operation.ts';
import { RollbackRun, RunStopped } from '../operations/rollback-run.ts';
import type { ConflictMerger } from '../operations/settle-conflicts.ts';
import type { RollbackPoint } from '../points/rollback-point.ts';
import { SNAPSHOT_TYPES, type SnapshotType } from '../points/snapshot.ts';
import { type ItemPort, StatePorts, type StateWrite } from '../ports/index.ts';
import type { DependencyGraph } from '../strategies/dependency-graph.ts';
import type { PlanContext, Strategy } from '../strategies/strategy.ts';

/** State of one kind in memory, which notes what is written and can be made to fail. */
export class PortDouble implements ItemPort {
  readonly type: SnapshotType;
  readonly items = new Map<string, unknown>();
  readonly #world: RunWorld;

  constructor(type: SnapshotType, world: RunWorld) {
    this.type = type;
    this.#world = world;
  }

  appliesTo(): boolean {
    return true;
  }

  async capture(): Promise<unknown> {
    return [...this.items].map(([key, value]) => ({ key, value: cloneValue(value) }));
  }

  async itemsOf(_scope: unknown, data: unknown): Promise<{ key: string; value: unknown }[]> {
    return data as { key: string; value: unknown }[];
  }

  async read(_scope: unknown, keys: readonly string[]): Promise<Map<string, unknown>> {
    this.#world.reads += 1;
    await this.#world.beforeRead(this.#world.reads);
    return new Map(keys.flatMap((key) => (this.items.has(key) ? [[key, this.items.get(key)] as const] : [])));
  }

  async write(_scope: unknown, { key, value, expected }: StateWrite): Promise<void> {
    const path = `${this.type}:${key}`;
    this.#world.writes.push(`${value === undefined ? 'remove' : 'put'} ${path}`);
    await this.#world.beforeWrite(this.#world.writes.length, path);
    if (!deepEqual(this.items.get(key), expected)) throw new SignalboxError('ROLLBACK_WRITE_STALE', { path });
    if (value === undefined) this.items.delete(key);
    else if (!this.#world.forgetful) this.items.set(key, value);
  }
}

/** Everything that a run works on, in memory. */
export class RunWorld {
  readonly clock = new ManualClock();
  readonly ports = new Map(SNAPSHOT_TYPES.map((type) => [type, new PortDouble(type, this)]));
  readonly writes: string[] = [];
  readonly progress: number[] = [];
  readonly log: RollbackLogEntry[] = [];
  readonly conflicts: RollbackConflict[] = [];
  readonly stop = new AbortController();
  reads = 0;
  backups = 0;
  /** Accepts writes and loses them. */
  forgetful = false;
  beforeWrite: (count: number, path: string) => void | Promise<void> = () => undefined;
  beforeRead: (count: number) => void | Promise<void> = () => undefined;

  /** Puts a value where the path leads. */
  set(path: string, value: unknown): this {
    this.#port(path).items.set(this.#key(path), value);
    return this;
  }

  remove(path: string): void {
    this.#port(path).items.delete(this.#key(path));
  }

  /** Everything that is there, by path. */
  get state(): Record<string, unknown> {
    const all: Record<string, unknown> = {};
    for (const [type, { items }] of this.ports) for (const [key, value] of items) all[`${type}:${key}`] = value;
    return all;
  }

  cancel(why: 'cancelled' | 'lost' = 'cancelled'): void {
    this.stop.abort(new RunStopped(why));
  }

  context(changes: readonly DiffEntry[], input: StartRollback = {}, more: Partial<PlanContext> = {}): PlanContext {
    const graph: DependencyGraph = { dependencies: {}, reverseDependencies: {} };
    const now = this.clock.now();
    return {
      point: pointMadeAt(now),
      snapshots: [],
      changes,
      options: rollbackOptionsSchema.parse(input),
      now,
      graph,
      ...more,
    };
  }

  /** A run of which the strategy may make use. */
  run(
    context: PlanContext,
    resolution: ConflictResolution = { strategy: 'abort' },
    merge: ConflictMerger = neverMerged,
  ): RollbackRun {
    const scope = { projectId: 'p', sessionId: null, workspaceId: null };
    const live = new LiveState({
      ports: new StatePorts([...this.ports.values()]),
      scope,
      database: {} as Database,
      actor: 'me',
    });
    return new RollbackRun({
      ...context,
      clock: this.clock,
      live,
      settle: { resolution, merge, onConflict: (conflict) => this.conflicts.push(conflict) },
      signal: this.stop.signal,
      report: async (progress, log) => {
        this.progress.push(progress);
        this.log.push(...log);
      },
      backup: async () => {
        this.backups += 1;
        return new Map(Object.entries(this.state).map(([path, value]) => [path, cloneValue(value)]));
      },
    });
  }

  /** Plans and runs; answers the run, and what it ended with. */
  async carryOut(
    strategy: Strategy,
    changes: readonly DiffEntry[],
    input: StartRollback = {},
    resolution?: ConflictResolution,
    merge?: ConflictMerger,
  ): Promise<{ run: RollbackRun; error: unknown }> {
    const context = this.context(changes, input);
    const run = this.run(context, resolution, merge);
    let over = false;
    const running = strategy.run(run, strategy.plan(context)).then(
      () => null,
      (error: unknown) => error,
    );
    void running.finally(() => {
      over = true;
    });
    while (!over) await this.clock.advance(100);
    const error = await running;
    this.log.push(...run.takeLog());
    return { run, error };
  }

  #port(path: string): PortDouble {
    const type = readDomainPath(path)?.type as SnapshotType;
    return this.ports.get(type) as PortDouble;
  }

  #key(path: string): string {
    return readDomainPath(path)?.key as string;
  }
}

export function pointMadeAt(at: Date): RollbackPoint {
  return {
    id: 'point',
    projectId: 'p',
    name: 'before',
    description: null,
    metadata: {},
    kind: 'named',
    sessionId: null,
    workspaceId: null,
    captured: ['entity'],
    consistent: true,
    createdBy: null,
    createdAt: at.toISOString(),
    expiresAt: null,
    version: 1,
  };
}

const neverMerged: ConflictMerger = () => ({
  success: false,
  mergedValue: undefined,
  strategy: 'ask_user',
  confidence: 0,
  warnings: [],
  appliedChanges: { kept: [], discarded: [], merged: [] },
});
