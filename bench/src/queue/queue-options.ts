import { countOptions } from '../count-options.ts';

/** How much is measured. */
export interface QueueOptions {
  /** Tasks that are loaded and worked off in each round. */
  tasks: number;
  /** Tasks that are enqueued one by one in each round, and by how many callers. */
  enqueues: number;
  callers: number;
  /** Counted rounds. */
  rounds: number;
}

const DEFAULTS = { tasks: 100_000, enqueues: 5_000, callers: 100, rounds: 5 };

/** Reads `--tasks 20000 --rounds 3`. @throws for anything else */
export function queueOptions(args: readonly string[]): QueueOptions {
  return countOptions(args, DEFAULTS);
}
