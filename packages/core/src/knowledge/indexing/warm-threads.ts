import type { Clock } from '../../platform/clock/clock.ts';
import { IndexThread } from './index-thread.ts';

/** Workspaces whose parsed sources are kept in memory: some hundred megabytes each. */
const MOST_WARM = 2;
/** After so long without a reading they are let go. */
const IDLE_MS = 10 * 60_000;

interface Warm {
  thread: IndexThread;
  root: string;
  usedAt: number;
}

/** The threads of the workspaces that were read last, by workspace: what they parsed makes reading an edit quick. */
export class WarmThreads {
  readonly #clock: Clock;
  readonly #threads = new Map<string, Warm>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A thread that nobody else uses: readings are one at a time. */
  async take(workspaceId: string, root: string): Promise<IndexThread> {
    const known = this.#threads.get(workspaceId);
    const isFit = known !== undefined && !known.thread.isClosed && known.root === root;
    if (known && !isFit) await this.#close(workspaceId);
    const thread = isFit ? known.thread : new IndexThread(root, this.#clock);
    this.#threads.delete(workspaceId);
    this.#threads.set(workspaceId, { thread, root, usedAt: this.#clock.monotonic() });
    for (const oldest of [...this.#threads.keys()].slice(0, -MOST_WARM)) await this.#close(oldest);
    return thread;
  }

  async closeIdle(): Promise<void> {
    const since = this.#clock.monotonic() - IDLE_MS;
    for (const [workspaceId, { usedAt }] of this.#threads) if (usedAt < since) await this.#close(workspaceId);
  }

  async close(): Promise<void> {
    for (const workspaceId of [...this.#threads.keys()]) await this.#close(workspaceId);
  }

  async #close(workspaceId: string): Promise<void> {
    const known = this.#threads.get(workspaceId);
    this.#threads.delete(workspaceId);
    await known?.thread.close();
  }
}
