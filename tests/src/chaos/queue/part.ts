import {
  type Clock,
  type Core,
  createCore,
  createLogger,
  PgDatabase,
  SignalboxError,
  systemClock,
} from '@signalbox/core';

/** What every process of the chaos is told on its command line, as JSON. */
export interface PartSettings {
  name: string;
  connectionString: string;
  projectId: string;
  /** By how much its clock is wrong. */
  clockOffsetMs?: number;
  /** {@link PgDatabase}'s bounds; short here, so that what is gone is given up within the test. */
  answerMs?: number;
  idleInTransactionMs?: number;
}

export function readSettings<S extends PartSettings>(): S {
  return JSON.parse(process.argv[2] ?? '{}') as S;
}

/** The rooms, on a clock that is wrong by the offset; durations pass as everywhere. */
export function openCore(settings: PartSettings): Core {
  const { name, connectionString, clockOffsetMs = 0, answerMs = 2_000, idleInTransactionMs } = settings;
  const clock: Clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + clockOffsetMs) };
  const idle = idleInTransactionMs === undefined ? {} : { idleInTransactionMs };
  const database = new PgDatabase({
    kind: 'server',
    pool: { connectionString, connectionTimeoutMillis: 2_000 },
    onIdleError: () => undefined,
    answerMs,
    clock,
    ...idle,
  });
  return createCore({
    database,
    dataDir: '/nonexistent',
    nodeId: name,
    logger: createLogger({ level: 'fatal' }),
    clock,
  });
}

/** The machine's monotonic clock in milliseconds: the same for all its processes, whatever their own say. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Whether the error tells of a database that is away, and of nothing else. */
export function isPassing(error: unknown): boolean {
  return ['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'OVERLOADED', 'SERIALIZATION_FAILED'].includes(codeOf(error));
}

export function codeOf(error: unknown): string {
  return SignalboxError.is(error) ? error.code : String(error);
}

/** Random numbers in [0, 1) that follow from the seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
