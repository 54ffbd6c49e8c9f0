import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { MeasuredWork } from './activity.ts';
import { addActivity } from './activity-store.ts';

/** How often figures are written, in milliseconds. */
const EVERY_MS = 1_000;

export interface ActivityRecorderParts {
  database: Database;
  clock: Clock;
  /** Where the figures come from. */
  tasks: { onMeasured(listener: (work: readonly MeasuredWork[]) => void): () => void };
  onError: (error: unknown) => void;
}

/**
 * Adds up in memory what this process sees happen to tasks, and writes it once a second in one statement: the queue's hot
 * verbs carry no counters of their own. A process that dies takes up to a second of figures along. What cannot be
 * written stays and goes with the next round; there is one sum per queue, type and kind, so that it does not grow.
 */
export class ActivityRecorder {
  readonly #parts: ActivityRecorderParts;
  readonly #unsubscribe: () => void;
  #sums = new Map<string, MeasuredWork>();
  #stopTicking: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: ActivityRecorderParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.tasks.onMeasured((work) => this.#add(work));
  }

  /** Idempotent. */
  start(): void {
    this.#stopTicking ??= this.#parts.clock.every(EVERY_MS, () => {
      this.flush().catch(this.#parts.onError);
    });
  }

  /** Writes what has come together. @throws DATABASE_UNAVAILABLE; the figures are kept then. */
  flush(): Promise<void> {
    const written = this.#writing.then(() => this.#write());
    // The next write waits for this one, whatever becomes of it; its caller hears of a failure.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** Writes the rest. Nothing is counted any more. */
  async close(): Promise<void> {
    this.#stopTicking?.();
    this.#unsubscribe();
    await this.flush().catch(this.#parts.onError);
  }

  async #write(): Promise<void> {
    if (this.#sums.size === 0) return;
    const taken = this.#sums;
    this.#sums = new Map();
    try {
      await addActivity(this.#parts.database, [...taken.values()]);
    } catch (error) {
      // Where they may have been written already, a second is rather lost than counted twice.
      if (!SignalboxError.is(error, 'OUTCOME_UNKNOWN')) this.#add([...taken.values()]);
      throw error;
    }
  }

  #add(work: readonly MeasuredWork[]): void {
    for (const one of work) {
      const key = `${one.projectId} ${one.queue} ${one.type} ${one.kind}`;
      const sum = this.#sums.get(key);
      if (sum) {
        sum.count += one.count;
        sum.ms += one.ms;
        sum.ms2 += one.ms2;
      } else {
        this.#sums.set(key, { ...one });
      }
    }
  }
}
