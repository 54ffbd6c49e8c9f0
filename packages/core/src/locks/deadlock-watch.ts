import type { Clock } from '../platform/clock/clock.ts';
import { type Database, outsideTransaction } from '../platform/database/index.ts';
import { signalFeed } from '../platform/feed/index.ts';
import { deadlockPossible, readGraph, takeGraphTurn } from './lock-graph-store.ts';
import { type LockVerdict, refuseRequests } from './lock-store.ts';
import { findVictims } from './wait-for-graph.ts';

/** Requests that go on waiting ask for another look no more often than this; a new request always gets one. */
const REPEAT_MS = 500;

export interface DeadlockWatchOptions {
  database: Database;
  clock: Clock;
  ageing: number | null;
  /** Told what a verdict changed: who was refused, and who was served by that. */
  onChanges(changes: readonly LockVerdict[]): void;
  onError(error: unknown): void;
}

/**
 * Finds owners of one project that wait for each other, over all processes, from the tables alone (ORC-183). A cycle comes about only
 * when a request is queued, so that is when it looks; those that wait ask again in case a looker died. Lookers take turns in the
 * database: the second sees what the first decided, so each cycle has exactly one victim.
 */
export class DeadlockWatch {
  readonly #options: DeadlockWatchOptions;
  readonly #projects = new Map<string, { again: boolean; done: Promise<void> }>();
  readonly #lookedAt = new Map<string, number>();

  constructor(options: DeadlockWatchOptions) {
    this.#options = options;
  }

  /** A request was queued: look, once whatever look is under way is over. */
  suspect(projectId: string): void {
    const under = this.#projects.get(projectId);
    if (under) {
      under.again = true;
      return;
    }
    const look = { again: false, done: Promise.resolve() };
    this.#projects.set(projectId, look);
    look.done = outsideTransaction(() => this.#lookWhileAsked(projectId, look));
  }

  /** A request still waits. */
  remind(projectId: string): void {
    const since = this.#options.clock.monotonic() - (this.#lookedAt.get(projectId) ?? Number.NEGATIVE_INFINITY);
    if (since >= REPEAT_MS) this.suspect(projectId);
  }

  /** Resolves once no look is under way. */
  async drain(): Promise<void> {
    while (this.#projects.size > 0) await Promise.all([...this.#projects.values()].map(({ done }) => done));
  }

  async #lookWhileAsked(projectId: string, look: { again: boolean }): Promise<void> {
    try {
      do {
        look.again = false;
        this.#lookedAt.set(projectId, this.#options.clock.monotonic());
        await this.#look(projectId);
      } while (look.again);
    } catch (error) {
      this.#options.onError(error);
    } finally {
      this.#projects.delete(projectId);
    }
  }

  async #look(projectId: string): Promise<void> {
    const { database, ageing, onChanges } = this.#options;
    if (!(await deadlockPossible(database, projectId))) return;
    const changes = await database.transaction(
      async (tx) => {
        await takeGraphTurn(tx, projectId);
        const { requests, holds } = await readGraph(tx, projectId, ageing);
        const changed: LockVerdict[] = [];
        for (const { id, cycle } of findVictims(requests, holds)) {
          changed.push(...(await refuseRequests(tx, projectId, [id], { code: 'LOCK_DEADLOCK', cycle }, ageing)));
        }
        tx.afterCommit(signalFeed);
        return changed;
      },
      { retries: 3 },
    );
    if (changes.length > 0) onChanges(changes);
  }
}
