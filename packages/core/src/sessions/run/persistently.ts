import type { Clock } from '../../platform/clock/clock.ts';
import { isPassing, RETRY_MS } from './run-journal.ts';

/** Asks again while the database is away, as the run's journal does, until the run ends. Every question must allow that. */
export async function persistently<T>(clock: Clock, ended: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || ended.aborted) throw error;
      await clock.sleep(RETRY_MS, ended);
    }
  }
}
