import type { RollbackConflict } from './conflicts/index.ts';
import type { RollbackOperation } from './operations/rollback-operation.ts';
import type { RollbackPoint } from './points/rollback-point.ts';

/** What this room tells of, within the process and in the change feed (RB-239…242). */
export const ROLLBACK_EVENTS = {
  pointCreated: 'rollback-point-created',
  pointExpired: 'rollback-point-expired',
  pointRemoved: 'rollback-point-removed',
  pointEvicted: 'rollback-point-evicted',
  capacityReached: 'capacity-reached',
  started: 'rollback-started',
  progress: 'rollback-progress',
  completed: 'rollback-completed',
  failed: 'rollback-failed',
  cancelled: 'rollback-cancelled',
  conflictDetected: 'conflict-detected',
  cleanupStarted: 'cleanup-started',
  cleanupCompleted: 'cleanup-completed',
} as const;

export interface RollbackEventPayloads {
  'rollback-point-created': { rollbackPoint: RollbackPoint };
  'rollback-point-expired': { projectId: string; rollbackPointId: string };
  'rollback-point-removed': { projectId: string; rollbackPointId: string };
  'rollback-point-evicted': { projectId: string; rollbackPointId: string };
  'capacity-reached': { projectId: string; currentSize: number; maxSize: number };
  'rollback-started': { operation: RollbackOperation };
  'rollback-progress': { projectId: string; operationId: string; progress: number };
  'rollback-completed': { operation: RollbackOperation };
  'rollback-failed': { operation: RollbackOperation; error: string };
  'rollback-cancelled': { operation: RollbackOperation };
  'conflict-detected': { projectId: string; operationId: string; conflict: RollbackConflict };
  'cleanup-started': Record<string, never>;
  /** With the projects in which something was removed. */
  'cleanup-completed': { removedCount: number; projectIds: readonly string[] };
}
export type RollbackEvent = keyof RollbackEventPayloads;

type Listener<Event extends RollbackEvent> = (payload: RollbackEventPayloads[Event]) => void;

/** Tells listeners in this process. What one of them throws is handed to `onError` and reaches nobody else. */
export class RollbackEvents {
  readonly #listeners = new Map<RollbackEvent, Set<(payload: never) => void>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Answers what ends it. */
  on<Event extends RollbackEvent>(event: Event, listener: Listener<Event>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<Event extends RollbackEvent>(event: Event, payload: RollbackEventPayloads[Event]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])] as Listener<Event>[]) {
      try {
        listener(payload);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
