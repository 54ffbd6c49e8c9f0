import { SessionStates } from '../journal/index.ts';
import type { Executor } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { FileHistory, Workspaces } from '../workspaces/index.ts';
import { placeOf } from './session.ts';
import { getSessions } from './session-store.ts';

/** The files of a session's workspace at any event of its journal: as the nearest capture at or before that event has them. */
export class SessionFiles {
  readonly #parts: { database: Executor; workspaces: Pick<Workspaces, 'get'>; history: FileHistory };

  constructor(parts: { database: Executor; workspaces: Pick<Workspaces, 'get'>; history: FileHistory }) {
    this.#parts = parts;
  }

  /**
   * All files, and what differs from the capture before.
   * @param seq null: the latest event; 0: before the first one.
   * @throws SESSION_NOT_FOUND, JOURNAL_SEQ_UNKNOWN, SESSION_WITHOUT_WORKSPACE, CAPTURE_NOT_FOUND
   */
  async at(projectId: string, sessionId: string, seq: number | null) {
    const { at, ...where } = await this.#moment(projectId, sessionId, seq);
    return { seq: where.seq, at, ...(await this.#parts.history.at(where.workspace, at)) };
  }

  /** One file. @throws as `at`, and FILE_NOT_FOUND */
  async content(projectId: string, sessionId: string, seq: number | null, path: string) {
    const { workspace, at } = await this.#moment(projectId, sessionId, seq);
    return this.#parts.history.content(workspace, at, path);
  }

  async #moment(projectId: string, sessionId: string, seq: number | null) {
    const { database, workspaces } = this.#parts;
    const state = await new SessionStates({ database }).at(projectId, sessionId, seq);
    const [session] = await getSessions(database, projectId, [sessionId]);
    if (!session) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
    const place = placeOf(session);
    if (place === null) throw new SignalboxError('SESSION_WITHOUT_WORKSPACE', { id: sessionId });
    const workspace = await workspaces.get(projectId, place);
    return { workspace, seq: state.seq, at: state.at ?? session.createdAt };
  }
}
