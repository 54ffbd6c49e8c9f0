import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { AgentSettings } from './agent-settings.ts';
import { getAgentSettings } from './agent-settings-store.ts';

/** How old settings may be that a hot verb goes by, in milliseconds. */
const MAX_AGE_MS = 5_000;
const PROJECTS = 1_000;

/** Settings for hot verbs, which may lag behind a change on another node by some seconds. */
export class SettingsCache {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #known = new LRUCache<string, { settings: Promise<AgentSettings>; at: number }>({ max: PROJECTS });

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws PROJECT_NOT_FOUND */
  get(projectId: string): Promise<AgentSettings> {
    const now = this.#clock.monotonic();
    const known = this.#known.get(projectId);
    if (known && now - known.at < MAX_AGE_MS) return known.settings;
    const settings = this.#read(projectId);
    this.#known.set(projectId, { settings, at: now });
    return settings;
  }

  forget(projectId: string): void {
    this.#known.delete(projectId);
  }

  async #read(projectId: string): Promise<AgentSettings> {
    try {
      const settings = await getAgentSettings(this.#database, projectId);
      if (!settings) throw new SignalboxError('PROJECT_NOT_FOUND', { project: projectId });
      return settings;
    } catch (error) {
      this.#known.delete(projectId);
      throw error;
    }
  }
}
