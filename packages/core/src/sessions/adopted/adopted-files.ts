import type { Journal } from '../../journal/index.ts';
import type { PathClaims } from '../../locks/index.ts';
import { realName } from '../../locks/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { type Captures, type Workspace, type WorkspaceChanges, writtenPaths } from '../../workspaces/index.ts';
import { ChangeRecorder } from '../run/change-recorder.ts';
import { expectedWrites } from '../run/expected-writes.ts';
import { refusalOf } from '../run/path-guard.ts';
import { mayWrite } from '../run/run-host.ts';
import type { ToolCall } from '../runtime.ts';
import { noteTold } from './adopted-store.ts';
import type { Turn } from './adopted-turns.ts';

/** A call may stand at its own agent's question for its person for a while: so long it has its paths, in seconds. */
const CALL_CLAIM_SECONDS = 600;

interface Parts {
  database: Database;
  clock: Clock;
  ids: Ids;
  journal: Journal;
  captures: Captures;
  workspaceChanges: WorkspaceChanges;
  pathClaims: PathClaims;
}

/**
 * Whose the file changes are that an adopted session makes: windows around its calls, in the chain of the workspace, and
 * the paths of a call claimed for as long as it lasts. What cannot be captured never stands in a person's way: that is noted.
 */
export class AdoptedFiles {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The work begins: what changes from now on may be the session's. */
  async begin(turn: Turn, workspace: Workspace, actor: string): Promise<void> {
    const recorder = this.#recorder(turn, workspace, actor);
    await recorder.begin();
    await this.#told(turn, recorder);
  }

  /** A call begins; answers why it may not, or null. */
  async before(turn: Turn, workspace: Workspace, call: ToolCall, actor: string): Promise<string | null> {
    if (!mayWrite(call)) return null;
    const refusal = await this.#claim(turn, workspace, call, actor);
    if (refusal !== null) return refusal;
    const recorder = this.#recorder(turn, workspace, actor);
    try {
      await recorder.before(call, await expectedWrites(workspace.path, call));
    } catch (error) {
      if (!SignalboxError.is(error, 'WORKSPACE_BUSY')) throw error;
      await this.#release(turn, call.callId);
      return error.message;
    }
    await this.#told(turn, recorder);
    return null;
  }

  /** A call is over. */
  async after(turn: Turn, workspace: Workspace, callId: string, actor: string): Promise<void> {
    const recorder = this.#recorder(turn, workspace, actor);
    await recorder.after(callId);
    await this.#release(turn, callId);
    await this.#told(turn, recorder);
  }

  /** Nothing of the session runs any more. */
  async end(turn: Turn, workspace: Workspace, actor: string): Promise<void> {
    const recorder = this.#recorder(turn, workspace, actor);
    await recorder.end();
    await this.#told(turn, recorder);
  }

  async #claim({ session }: Turn, workspace: Workspace, call: ToolCall, actor: string): Promise<string | null> {
    const paths: string[] = [];
    for (const name of writtenPaths(call) ?? []) {
      try {
        paths.push(await realName(workspace.path, name));
      } catch (error) {
        // What lies outside is for policies to decide.
        if (!SignalboxError.is(error, 'PATH_OUTSIDE_WORKSPACE')) throw error;
      }
    }
    if (paths.length === 0) return null;
    const { pathClaims, ids } = this.#parts;
    const { conflict } = await pathClaims.policyOf(session.projectId, session.id);
    const acquired = await pathClaims.acquire(session.projectId, {
      id: ids.uuid(),
      workspaceId: workspace.id,
      sessionId: session.id,
      taskId: null,
      agent: actor,
      paths: paths.map((path) => ({ path, kind: 'literal' })),
      mode: 'exclusive',
      origin: 'call',
      callId: call.callId,
      ttlSeconds: CALL_CLAIM_SECONDS,
      conflict: 'refuse',
      waitSeconds: 0,
      runToken: null,
    });
    if (acquired.status === 'held' || conflict === 'warn') return null;
    return refusalOf(paths, acquired);
  }

  #release({ session }: Turn, callId: string): Promise<void> {
    return this.#parts.pathClaims.releaseCall(session.projectId, session.id, callId);
  }

  #recorder({ session, conversation }: Turn, workspace: Workspace, actor: string): ChangeRecorder {
    const { captures, workspaceChanges, clock, journal } = this.#parts;
    const { projectId, id } = session;
    return new ChangeRecorder({
      chain: captures.chain(workspace),
      repository: captures.of(workspace),
      changes: workspaceChanges,
      clock,
      session,
      workspaceId: workspace.id,
      actor,
      silent: false,
      told: conversation.sessionId === id ? conversation.toldPosition : 0,
      // By the change's own id: several may come to tell of it.
      sink: async (found) => {
        const events = found.map(({ change, file, callId }) => {
          const { id: changeId, attribution, position, candidates } = change;
          const payload = { ...file, callId, changeId, attribution, position, candidates };
          return { eventId: changeId, type: 'file_change' as const, actor, payload };
        });
        await journal.append(projectId, id, events);
      },
    });
  }

  #told({ session }: Turn, { told }: ChangeRecorder): Promise<void> {
    return noteTold(this.#parts.database, session.projectId, session.id, told);
  }
}
