import { outsideTransaction } from '../platform/database/index.ts';
import type { ActivityKind, MeasuredWork } from '../tasks/index.ts';
import type { AgentParts } from './agent-parts.ts';
import { runAssignPass } from './assign-pass.ts';
import type { SettingsCache } from './settings-cache.ts';

/** After these there may be something to give, or somebody with room (COORD-22). */
const CAUSES: readonly ActivityKind[] = [
  'enqueued',
  'completed',
  'retried',
  'failed',
  'dead',
  'cancelled',
  'released',
  'decomposed',
  'lost',
];

/**
 * Runs a pass soon after this process saw something that calls for one. One at a time per project; asked again meanwhile, it
 * goes once more. What it does not see, the scheduler's regular pass finds.
 */
export class Assigner {
  readonly #parts: AgentParts;
  readonly #settings: SettingsCache;
  readonly #onError: (error: unknown) => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #wanted = new Set<string>();
  #unsubscribe: (() => void) | null = null;

  constructor(parts: AgentParts, settings: SettingsCache, onError: (error: unknown) => void) {
    this.#parts = parts;
    this.#settings = settings;
    this.#onError = onError;
  }

  /** Idempotent. */
  start(): void {
    this.#unsubscribe ??= this.#parts.tasks.onMeasured((work) => this.#saw(work));
  }

  /** Asks for a pass; what goes wrong with it is nobody's error who asked (COORD-20). */
  request(projectId: string): void {
    if (!this.#unsubscribe) return;
    this.#wanted.add(projectId);
    if (this.#running.has(projectId)) return;
    this.#running.set(
      projectId,
      outsideTransaction(() => this.#run(projectId)),
    );
  }

  /** No pass begins any more; resolves when none is under way. Idempotent. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#wanted.clear();
    await Promise.all(this.#running.values());
  }

  #saw(work: readonly MeasuredWork[]): void {
    const projects = new Set(work.filter(({ kind }) => CAUSES.includes(kind)).map(({ projectId }) => projectId));
    for (const projectId of projects) this.request(projectId);
  }

  async #run(projectId: string): Promise<void> {
    try {
      while (this.#wanted.delete(projectId)) {
        const { assignQueues } = await this.#settings.get(projectId);
        if (assignQueues.length > 0) await runAssignPass(this.#parts, projectId);
      }
    } catch (error) {
      // Tried again by the next cause or the regular pass, whichever comes first.
      this.#onError(error);
    } finally {
      this.#running.delete(projectId);
    }
  }
}
