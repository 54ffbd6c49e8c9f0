import type { Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { readHead } from '../journal-read-store.ts';
import { foldFacts } from './fold-facts.ts';
import { TELLING_TYPES } from './journal-fact.ts';
import { type SessionState, stateAtOrigin } from './session-state.ts';
import { findUnkept, keepSnapshots, nearestSnapshot, readFacts, readOrigin } from './state-store.ts';

/** Events between two states that are kept: what a seek folds at most, and a fifth of a millisecond's work on each event. */
const EVERY = 1_000;
/** Journals that one round of upkeep brings up to date. */
const JOURNALS_AT_ONCE = 50;

/** The exact state of a session at any of its events, by folding its journal (REPLAY-040). */
export class SessionStates {
  readonly #database: Executor;
  readonly #every: number;

  /** @param options.every events between two states that are kept, 1,000 by default. */
  constructor({ database, every = EVERY }: { database: Executor; every?: number }) {
    this.#database = database;
    this.#every = every;
  }

  /**
   * The state after the event `seq`; 0 is the one before the first event, null the latest. States at round places are kept on
   * the way, so that the next look nearby folds few events.
   * @param executor a transaction that must see its own events; nothing is kept then.
   * @throws SESSION_NOT_FOUND, JOURNAL_SEQ_UNKNOWN for an event that is not there yet
   */
  async at(projectId: string, sessionId: string, seq: number | null, executor?: Executor): Promise<SessionState> {
    const db = executor ?? this.#database;
    const head = await readHead(db, projectId, sessionId);
    if (!head) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    const target = seq ?? head.lastSeq;
    if (target > head.lastSeq || target < 0) {
      throw new SignalboxError('JOURNAL_SEQ_UNKNOWN', { id: sessionId, seq: target, last: head.lastSeq });
    }
    return this.#fold(db, projectId, sessionId, target, executor === undefined);
  }

  /** Keeps the states that journals have grown past. Answers how many it brought up to date, of at most 50. */
  async keepUp(): Promise<number> {
    const behind = await findUnkept(this.#database, this.#every, JOURNALS_AT_ONCE);
    let kept = 0;
    for (const { projectId, sessionId, seq } of behind) {
      try {
        await this.#fold(this.#database, projectId, sessionId, seq, true);
        kept += 1;
      } catch (error) {
        // Deleted meanwhile.
        if (!SignalboxError.is(error, 'SESSION_NOT_FOUND')) throw error;
      }
    }
    return kept;
  }

  async #fold(
    db: Executor,
    projectId: string,
    sessionId: string,
    target: number,
    keep: boolean,
  ): Promise<SessionState> {
    const every = this.#every;
    let state =
      (await nearestSnapshot(db, projectId, sessionId, target)) ??
      stateAtOrigin(sessionId, await readOrigin(db, projectId, sessionId));
    while (state.seq < target) {
      const toSeq = Math.min(target, (Math.floor(state.seq / every) + 1) * every);
      const range = { afterSeq: state.seq, toSeq, types: TELLING_TYPES, limit: every };
      const facts = await readFacts(db, projectId, sessionId, range);
      if (facts.length !== toSeq - state.seq) {
        throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
      }
      state = foldFacts(state, facts);
      if (keep && toSeq % every === 0) await keepSnapshots(db, projectId, sessionId, [state]);
    }
    return state;
  }
}
