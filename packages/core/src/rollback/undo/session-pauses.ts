import { SignalboxError } from '../../platform/errors/index.ts';
import type { Undo } from './undo.ts';
import type { UndoParts } from './undo-parts.ts';

/** Pauses the sessions that an undo is about, and lets those run again that ran. */
export class SessionPauses {
  readonly #parts: UndoParts;
  readonly #undo: Undo;
  readonly #sessionIds: readonly string[];
  readonly #paused: string[] = [];

  constructor(parts: UndoParts, undo: Undo, sessionIds: readonly string[]) {
    this.#parts = parts;
    this.#undo = undo;
    this.#sessionIds = sessionIds;
  }

  async pause(): Promise<void> {
    const { projectId, requestedBy } = this.#undo;
    for (const id of this.#sessionIds) {
      const session = await this.#parts.sessions.get(projectId, id);
      if (session?.status !== 'running') continue;
      await this.#unlessOver(() => this.#parts.sessions.pause(projectId, id, requestedBy));
      this.#paused.push(id);
    }
  }

  async resume(): Promise<void> {
    const { projectId, requestedBy } = this.#undo;
    for (const id of this.#paused.splice(0)) {
      await this.#unlessOver(() => this.#parts.sessions.resume(projectId, id, requestedBy));
    }
  }

  /** It may have ended, or somebody else have paused or resumed it: then it stands as they want it. */
  async #unlessOver(change: () => Promise<unknown>): Promise<void> {
    try {
      await change();
    } catch (error) {
      const over = ['INVALID_TRANSITION', 'SESSION_EXPIRED', 'SESSION_NOT_FOUND'] as const;
      if (!over.some((code) => SignalboxError.is(error, code))) throw error;
    }
  }
}
