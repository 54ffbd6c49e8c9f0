import { parseArgs } from 'node:util';

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

const DEFAULTS: QueueOptions = { tasks: 100_000, enqueues: 5_000, callers: 100, rounds: 5 };

/** Reads `--tasks 20000 --rounds 3`. @throws for anything else */
export function queueOptions(args: readonly string[]): QueueOptions {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { tasks: option, enqueues: option, callers: option, rounds: option },
  });
  return {
    tasks: countOf(values.tasks, DEFAULTS.tasks),
    enqueues: countOf(values.enqueues, DEFAULTS.enqueues),
    callers: countOf(values.callers, DEFAULTS.callers),
    rounds: countOf(values.rounds, DEFAULTS.rounds),
  };
}

function countOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new Error(`"${text}" is not a count.`);
  return Number(text);
}
