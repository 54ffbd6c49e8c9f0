import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { findRequirements } from '../tasks/index.ts';

/** How old the answer may be, in milliseconds: all agents that ask within it share one look at the queues. */
const MAX_AGE_MS = 1_000;
const KEPT = 1_000;

/** What ready tasks require, for those who must compare versions with it. */
export class RequirementCache {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #known = new LRUCache<string, { requirements: Promise<string[]>; at: number }>({ max: KEPT });

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async get(projectId: string, queues: readonly string[]): Promise<string[]> {
    const key = JSON.stringify([projectId, queues]);
    const now = this.#clock.monotonic();
    const known = this.#known.get(key);
    if (known && now - known.at < MAX_AGE_MS) return known.requirements;
    const requirements = findRequirements(this.#database, projectId, queues);
    this.#known.set(key, { requirements, at: now });
    try {
      return await requirements;
    } catch (error) {
      this.#known.delete(key);
      throw error;
    }
  }
}
