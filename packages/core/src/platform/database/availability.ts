import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import { SignalboxError } from '../errors/index.ts';
import { isAway } from './database-error.ts';

/** How long the breaker stays open before one call may try the database again, in milliseconds. */
const HALF_OPEN_AFTER_MS = 500;
/** How many calls in a row must find the database away before the others stop trying. */
const FAILURES_TO_OPEN = 5;

/** Circuit breaker around everything that talks to the database, and the news of its coming and going (ORC-222). */
export class Availability {
  readonly #breaker: CircuitBreakerPolicy = circuitBreaker(
    handleWhen((error) => isAway(error) || SignalboxError.is(error, 'DATABASE_UNAVAILABLE')),
    {
      halfOpenAfter: HALF_OPEN_AFTER_MS,
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    },
  );
  readonly #listeners = new Set<(available: boolean) => void>();
  #available: boolean | null = null;

  /** True while the breaker lets calls through. */
  get closed(): boolean {
    return this.#breaker.state === CircuitState.Closed;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await this.#breaker.execute(work);
      this.#report(true);
      return result;
    } catch (error) {
      if (isBrokenCircuitError(error)) throw new SignalboxError('DATABASE_UNAVAILABLE', {}, { cause: error });
      if (isAway(error) || SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) this.#report(false);
      throw error;
    }
  }

  listen(listener: (available: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #report(available: boolean): void {
    if (this.#available === available) return;
    this.#available = available;
    for (const listener of this.#listeners) listener(available);
  }
}
