import type { RollbackAlert } from './rollback-alert.ts';
import type { RollbackSample } from './rollback-sample.ts';

/** What monitoring tells listeners of its process (RB-239). */
export type MonitoringEvent =
  | { event: 'monitoring-started' }
  | { event: 'monitoring-stopped' }
  | { event: 'metrics-collected'; projectId: string; sample: RollbackSample }
  | { event: 'metrics-collection-error'; projectId: string | null; error: unknown }
  | { event: 'alert-created'; projectId: string; alert: RollbackAlert }
  | { event: 'alert-resolved'; projectId: string; alert: RollbackAlert };

/** Listeners; one that throws harms nobody and is reported. */
export class MonitoringEvents {
  readonly #listeners = new Set<(event: MonitoringEvent) => void>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns the unsubscribe. */
  on(listener: (event: MonitoringEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: MonitoringEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
