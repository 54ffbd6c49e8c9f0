import { z } from 'zod';
import type { Bus } from '../platform/bus/index.ts';
import { type MeasuredWork, workOf } from './activity.ts';
import type { MeasuredAttempts } from './ending-store.ts';

/** Bus topic on which work is announced: `{queues}`. `signalbox_enqueue` sends it too. */
const TOPIC = 'tasks';
const messageSchema = z.object({ queues: z.array(z.string()) });

/**
 * Tells those who wait for work that there may be some, here and on other nodes. Only a hint: whoever waits looks each
 * second anyway.
 */
export class TaskWakeups {
  readonly #bus: Bus;
  readonly #waiting = new Set<{ queues: readonly string[]; wake: () => void }>();
  readonly #onMeasured = new Set<(measured: readonly MeasuredWork[]) => void>();
  readonly #unsubscribe: () => void;

  constructor(bus: Bus) {
    this.#bus = bus;
    this.#unsubscribe = bus.subscribe(TOPIC, (message) => this.#wake(message));
  }

  /** Tasks of these queues have become ready and are committed. */
  ready(_projectId: string, queues: readonly string[]): void {
    this.#bus.publish(TOPIC, { queues });
  }

  /** Claims have ended: what came back to its queue is ready, and all are told what was measured. */
  ended(measured: readonly MeasuredAttempts[]): void {
    this.measured(measured.map(workOf));
    const back = measured.filter(({ status }) => status === 'queued');
    if (back.length > 0) this.#bus.publish(TOPIC, { queues: [...new Set(back.map(({ queue }) => queue))] });
  }

  /** Tells listeners what this process saw happen. */
  measured(work: readonly MeasuredWork[]): void {
    if (work.length > 0) for (const listener of this.#onMeasured) listener(work);
  }

  /** Calls back with what this process saw happen to tasks, a batch at a time. Returns the unsubscribe. */
  onMeasured(listener: (measured: readonly MeasuredWork[]) => void): () => void {
    this.#onMeasured.add(listener);
    return () => this.#onMeasured.delete(listener);
  }

  /** Calls `wake` once something may be ready in one of the queues. Returns the unsubscribe. */
  wait(queues: readonly string[], wake: () => void): () => void {
    const entry = { queues, wake };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  close(): void {
    this.#unsubscribe();
    for (const { wake } of this.#waiting) wake();
  }

  /** A message that cannot be read, or none after a gap on the bus, may mean any queue. */
  #wake(message: unknown): void {
    const parsed = messageSchema.safeParse(message);
    for (const { queues, wake } of this.#waiting) {
      if (!parsed.success || parsed.data.queues.some((queue) => queues.includes(queue))) wake();
    }
  }
}
