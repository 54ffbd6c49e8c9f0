import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../platform/clock/clock.ts';
import type { CodeGraph } from './code-graph.ts';
import type { RelationshipEdges } from './edge-record.ts';

/** For so long at a time nobody else gets a turn. */
const SLICE_MS = 5;
/** After one that failed, before the next one of that graph. */
const PAUSE_MS = 60_000;

interface Compaction {
  /** What was laid over the graph since it began. */
  since: RelationshipEdges[];
  isOver: boolean;
  ended: Promise<void>;
}

/**
 * Makes the arrays of projects' graphs anew, between other work of this thread: a slice at a time, one graph of a project at a time. Meanwhile
 * the graph with what stands beside its arrays goes on answering. A thread of its own would not do: ids are texts, which are copied there and
 * back, all at once on this side.
 */
export class Compactions {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #onError: (error: unknown) => void;
  readonly #running = new Map<string, Compaction>();
  readonly #pausedUntil = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  isRunning(projectId: string): boolean {
    return this.#running.has(projectId);
  }

  /** Told of all that is laid over a project's graph: it is laid over what comes of its compaction as well. */
  changed(projectId: string, changes: readonly RelationshipEdges[]): void {
    const { since } = this.#running.get(projectId) ?? {};
    for (const change of changes) since?.push(change);
  }

  /**
   * Does nothing while one of this project runs, nor soon after one that failed.
   * @param onMade is given the graph of the same revision, and what was laid over that since
   */
  start(
    projectId: string,
    graph: CodeGraph,
    onMade: (made: CodeGraph, since: readonly RelationshipEdges[]) => void,
  ): void {
    const pausedUntil = this.#pausedUntil.get(projectId) ?? Number.NEGATIVE_INFINITY;
    if (this.#running.has(projectId) || this.#clock.monotonic() < pausedUntil) return;
    this.#pausedUntil.delete(projectId);
    const compaction: Compaction = { since: [], isOver: false, ended: Promise.resolve() };
    this.#running.set(projectId, compaction);
    compaction.ended = this.#run(compaction, graph)
      .then((made) => {
        if (made) onMade(made, compaction.since);
      })
      .catch((error: unknown) => {
        this.#pausedUntil.set(projectId, this.#clock.monotonic() + PAUSE_MS);
        this.#onError(error);
      })
      .finally(() => {
        if (this.#running.get(projectId) === compaction) this.#running.delete(projectId);
      });
  }

  /** Its graph is another one now. */
  cancel(projectId: string): void {
    const compaction = this.#running.get(projectId);
    if (compaction) compaction.isOver = true;
    this.#running.delete(projectId);
  }

  /** Until what runs now is done. */
  async settled(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** Breaks off what runs. Idempotent. */
  async close(): Promise<void> {
    const running = [...this.#running];
    for (const [projectId] of running) this.cancel(projectId);
    await Promise.all(running.map(([, { ended }]) => ended));
  }

  /** Null where it was broken off. */
  async #run(compaction: Compaction, graph: CodeGraph): Promise<CodeGraph | null> {
    const work = graph.compacting();
    for (;;) {
      await turn();
      const end = this.#clock.monotonic() + SLICE_MS;
      do {
        if (compaction.isOver) return null;
        const step = work.next();
        if (step.done) return step.value;
      } while (this.#clock.monotonic() < end);
    }
  }
}
