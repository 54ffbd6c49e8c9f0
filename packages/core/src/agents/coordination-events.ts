import type { ActivityKind, MeasuredWork, TaskQueue } from '../tasks/index.ts';

/** How what happens to tasks is called among agents (COORD-74). What is not named here is told of agents, in the change feed. */
export const TASK_EVENTS = {
  enqueued: 'task:submitted',
  claimed: 'task:assigned',
  completed: 'task:completed',
  retried: 'task:retry',
  failed: 'task:failed',
  dead: 'task:failed',
} as const satisfies Partial<Record<ActivityKind, string>>;
type NamedKind = keyof typeof TASK_EVENTS;

/** What this process saw happen: to so many tasks of one type in one queue, or to the coordination itself. */
export type CoordinationEvent =
  | { event: (typeof TASK_EVENTS)[NamedKind]; projectId: string; queue: string; type: string; count: number }
  | { event: 'error'; error: unknown }
  | { event: 'shutdown'; unregistered: readonly { projectId: string; agentId: string }[] };

/**
 * Tells listeners of this process what it sees of coordination. A listener that throws harms nobody: it is reported where
 * errors are (GEN-04).
 */
export class CoordinationEvents {
  readonly #listeners = new Set<(event: CoordinationEvent) => void>();
  readonly #onError: (error: unknown) => void;
  readonly #unsubscribe: () => void;

  constructor(tasks: Pick<TaskQueue, 'onMeasured'>, onError: (error: unknown) => void) {
    this.#onError = onError;
    this.#unsubscribe = tasks.onMeasured((work) => this.#saw(work));
  }

  /** Returns the unsubscribe. */
  on(listener: (event: CoordinationEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A failure that nobody waits for: logged, and told. */
  failed(error: unknown): void {
    this.#onError(error);
    this.#tell({ event: 'error', error });
  }

  /** The last event. Idempotent. */
  close(unregistered: readonly { projectId: string; agentId: string }[]): void {
    this.#unsubscribe();
    this.#tell({ event: 'shutdown', unregistered });
    this.#listeners.clear();
  }

  #saw(work: readonly MeasuredWork[]): void {
    if (this.#listeners.size === 0) return;
    for (const { kind, projectId, queue, type, count } of work) {
      if (isNamed(kind)) this.#tell({ event: TASK_EVENTS[kind], projectId, queue, type, count });
    }
  }

  #tell(event: CoordinationEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

function isNamed(kind: ActivityKind): kind is NamedKind {
  return Object.hasOwn(TASK_EVENTS, kind);
}
