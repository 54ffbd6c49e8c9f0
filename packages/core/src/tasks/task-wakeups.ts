import { z } from 'zod';
import type { Bus } from '../platform/bus/index.ts';
import type { Clock } from '../platform/clock/clock.ts';
import { type MeasuredWork, workOf } from './activity.ts';
import type { MeasuredAttempts } from './ending-store.ts';

/** Bus topic on which work is announced: `{queues, back}`, back being those to which older tasks came back. `signalbox_enqueue` sends it too. */
const TOPIC = 'tasks';
/** Least time between two announcements to other nodes, in milliseconds. */
const PAUSE_MS = 10;
const messageSchema = z.object({ queues: z.array(z.string()), back: z.array(z.string()).default([]) });

/**
 * Tells those who wait for work that there may be some, here and on other nodes. Only a hint: whoever waits looks each
 * second anyway.
 */
export class TaskWakeups {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  readonly #untold = new Set<string>();
  readonly #untoldBack = new Set<string>();
  readonly #timesBack = new Map<string, number>();
  #telling = false;
  readonly #waiting = new Set<{ queues: readonly string[]; wake: () => void }>();
  readonly #onMeasured = new Set<(measured: readonly MeasuredWork[]) => void>();
  readonly #unsubscribe: () => void;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
    this.#unsubscribe = bus.subscribe(TOPIC, (message) => this.#wake(message));
  }

  /** Tasks of these queues have become ready and are committed. */
  ready(_projectId: string, queues: readonly string[]): void {
    this.#announce(queues);
  }

  /** Older tasks have come back to these queues: whoever goes on from where the last claim got to must look behind. */
  cameBack(queues: readonly string[]): void {
    for (const queue of queues) this.#untoldBack.add(queue);
    this.#announce(queues, queues);
  }

  /** A number that changes whenever older tasks may have come back to one of the queues. */
  timesBack(queues: readonly string[]): number {
    return queues.reduce((sum, queue) => sum + (this.#timesBack.get(queue) ?? 0), 0);
  }

  /** Claims have ended: what came back to its queue is ready, and all are told what was measured. */
  ended(measured: readonly MeasuredAttempts[]): void {
    this.measured(measured.map(workOf));
    const back = measured.filter(({ status }) => status === 'queued');
    if (back.length > 0) this.cameBack(back.map(({ queue }) => queue));
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
    this.#closed.abort();
    this.#unsubscribe();
    for (const { wake } of this.#waiting) wake();
  }

  /** Those who wait here are woken at once; other nodes at once too, but not again within the pause. */
  #announce(queues: readonly string[], back: readonly string[] = []): void {
    this.#wake({ queues, back });
    for (const queue of queues) this.#untold.add(queue);
    if (!this.#telling) void this.#tell();
  }

  async #tell(): Promise<void> {
    this.#telling = true;
    while (this.#untold.size > 0 && !this.#closed.signal.aborted) {
      const queues = [...this.#untold];
      const back = [...this.#untoldBack];
      this.#untold.clear();
      this.#untoldBack.clear();
      this.#bus.publish(TOPIC, { queues, back });
      await this.#clock.sleep(PAUSE_MS, this.#closed.signal);
    }
    this.#telling = false;
  }

  /** A message that cannot be read, or none after a gap on the bus, may mean any queue. */
  #wake(message: unknown): void {
    const parsed = messageSchema.safeParse(message);
    for (const queue of parsed.data?.back ?? []) this.#timesBack.set(queue, (this.#timesBack.get(queue) ?? 0) + 1);
    for (const { queues, wake } of this.#waiting) {
      if (!parsed.success || parsed.data.queues.some((queue) => queues.includes(queue))) wake();
    }
  }
}
