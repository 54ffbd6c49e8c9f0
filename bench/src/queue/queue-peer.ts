import type { HandlerRuns } from './handler-runs.ts';

/**
 * A task queue on PostgreSQL, as the benchmark drives it. Its tasks do nothing; each carries `{ n }` as payload, by which
 * it is told whether every one ran exactly once.
 */
export interface QueuePeer {
  name: string;
  /** The settings it runs with, for the table. */
  settings: string;
  /** Statements for the benchmark's own connection to this peer's database. */
  sql: {
    /** Answers one row with `left`: the tasks that are not done. */
    left: string;
    /** Takes all tasks out, finished ones too: what an earlier measurement left must not weigh on the next. */
    clear: string;
  };
  /** Sets up its schema in an empty database and connects. */
  open(connectionString: string): Promise<void>;
  /** Puts `count` tasks into the queue by whatever way is fastest; `n` counts from 0. Not measured. */
  load(count: number): Promise<void>;
  /**
   * Starts working, tells `runs` of each handler's run, and resolves once all have run, their completion is committed, and
   * nothing works any more.
   */
  process(runs: HandlerRuns): Promise<void>;
  /** Puts one task into the queue by the call that an application makes for one; resolves once it is committed. */
  enqueueOne(n: number): Promise<void>;
  close(): Promise<void>;
}

/** How long the peers' pools keep idle connections, in milliseconds, as ours does: longer than a peer waits for its next turn. */
export const KEPT_IDLE_MS = 300_000;

/** Numeric settings of a peer by name, where they differ from its best ones. */
export type Overrides = Readonly<Record<string, number>>;

/** A peer's best settings with some of them replaced. @throws for a setting that it does not have */
export function tuned<S extends Readonly<Record<string, number>>>(best: S, overrides: Overrides): S {
  const unknown = Object.keys(overrides).find((key) => !(key in best));
  if (unknown !== undefined) {
    throw new Error(`There is no setting "${unknown}"; there are: ${Object.keys(best).join(', ')}.`);
  }
  return { ...best, ...overrides };
}

/** `size 500, workers 4`, as the table shows it. */
export function listed(settings: Readonly<Record<string, number>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}
