import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import { checkIndexClean } from './commit-undo.ts';
import { withPreparedUndo } from './prepare-undo.ts';
import { ProcessMark } from './process-mark.ts';
import { recoverUndos } from './recover-undos.ts';
import { type FileRestore, runRestore } from './restore-files.ts';
import { checkPlan, fail, runUndo, type UndoRun } from './run-undo.ts';
import { pauseSessions, resumeSessions } from './session-pauses.ts';
import {
  type CreateUndo,
  createUndoSchema,
  type PreviewUndo,
  previewUndoSchema,
  type Undo,
  type UndoPlan,
} from './undo.ts';
import type { UndoParts } from './undo-parts.ts';
import { recordUndoStep } from './undo-records.ts';
import { undoOptionsSchema } from './undo-selection.ts';
import { getUndo, holdUndo, insertUndo, moveUndo, type NewUndo, pageUndos, treesOfUndos } from './undo-store.ts';

/** For so long what an undo led between is kept for its redo, whatever room captures take. */
const REDOABLE_MS = 30 * 24 * 3_600_000;

/**
 * Undo (design.md §6): takes back changes of a workspace, selected by what they were, and keeps what came after. A preview
 * and an undo compute the same; the preview stops before the write.
 */
export class Undos {
  readonly #parts: UndoParts;
  /** Under way in this process. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #process: ProcessMark;

  constructor(parts: UndoParts) {
    this.#parts = parts;
    this.#process = new ProcessMark(parts.ids.uuid());
  }

  /**
   * What an undo would do now. Conflicts are part of the answer.
   * @throws VALIDATION_FAILED, WORKSPACE_NOT_FOUND, UNDO_SELECTION_EMPTY, UNDO_SPANS_WORKSPACES, UNDO_NOTHING_SELECTED,
   *   UNDO_NOT_SELECTABLE, UNDO_NO_SUCH_HUNK, UNDO_DURING_OPERATION
   */
  async preview(projectId: string, input: PreviewUndo): Promise<UndoPlan> {
    const { selection, options } = parseInput(previewUndoSchema, input);
    return withPreparedUndo(this.#parts, projectId, selection, options, async ({ plan }) => plan);
  }

  /**
   * Plans an undo and begins it; {@link finished} tells when it is over. The running sessions whose changes go are
   * paused meanwhile, tool calls wait.
   * @throws as {@link preview}, and UNDO_CONFLICT, UNDO_PLAN_CHANGED, UNDO_INDEX_NOT_CLEAN, UNDO_NO_REPOSITORY
   */
  async create(projectId: string, input: CreateUndo, actor: string): Promise<Undo> {
    return this.#create(projectId, input, actor, null);
  }

  /** Takes back an undo, and so brings back what it undid. @throws UNDO_NOT_FOUND, UNDO_NOT_REDOABLE, as {@link create} */
  async redo(projectId: string, id: string, input: Omit<CreateUndo, 'selection'>, actor: string): Promise<Undo> {
    const { status } = await this.get(projectId, id);
    if (status !== 'completed') throw new SignalboxError('UNDO_NOT_REDOABLE', { id, status });
    return this.#create(projectId, { ...input, selection: { undoId: id } }, actor, id);
  }

  async #create(projectId: string, input: CreateUndo, actor: string, undoes: string | null): Promise<Undo> {
    const { selection, options, force, asCommit, expectedPlan = null } = parseInput(createUndoSchema, input);
    const { workspaces } = this.#parts;
    const prepared = withPreparedUndo(this.#parts, projectId, selection, options, async ({ plan }) => {
      checkPlan(plan, expectedPlan);
      const { path } = await workspaces.get(projectId, plan.workspaceId);
      if (asCommit) await checkIndexClean(path, plan);
      return plan;
    });
    const { workspaceId, sessionIds } = await prepared;
    const asked = { workspaceId, selection, options, asCommit, undoes, rollbackOperationId: null };
    const planned = await this.#insert(projectId, asked, actor);
    const run: UndoRun = { expectedPlan, force };
    this.#begin(planned, sessionIds, (waiting) => runUndo(this.#parts, waiting, run));
    return planned;
  }

  /**
   * Puts files to where they once stood, by a plan as an undo has one, and waits until that is over. What it wrote is an
   * undo's change: it can be redone, and a crash leaves it to {@link recover}.
   * @returns the undo as it ended: `completed`, with what was left alone in `report.foreign`, or what became of it
   * @throws WORKSPACE_NOT_FOUND
   */
  async restore(projectId: string, restore: FileRestore, actor: string): Promise<Undo> {
    const { workspaceId, rollbackOperationId, sessionId } = restore;
    await this.#parts.workspaces.get(projectId, workspaceId);
    const options = undoOptionsSchema.parse({});
    const selection = { workspaceId };
    const asked = { workspaceId, selection, options, asCommit: false, undoes: null, rollbackOperationId };
    const planned = await this.#insert(projectId, asked, actor);
    const sessionIds = sessionId === null ? [] : [sessionId];
    this.#begin(planned, sessionIds, (waiting) => runRestore(this.#parts, waiting, restore));
    return this.finished(projectId, planned.id);
  }

  #insert(
    projectId: string,
    asked: Pick<NewUndo, 'workspaceId' | 'selection' | 'options' | 'asCommit' | 'undoes' | 'rollbackOperationId'>,
    actor: string,
  ): Promise<Undo> {
    const { ids, clock, database, nodeId } = this.#parts;
    return database.transaction(async (tx) => {
      const own = { nodeId, processId: this.#process.id, requestedBy: actor, at: clock.now() };
      const made = await insertUndo(tx, projectId, { id: ids.uuid(), ...asked, ...own });
      await recordUndoStep(tx, this.#parts, made, 'create', actor);
      return made;
    });
  }

  #begin(planned: Undo, sessionIds: readonly string[], work: (waiting: Undo) => Promise<void>): void {
    const running = this.#run(planned, sessionIds, work)
      .catch(this.#parts.onError)
      .finally(() => this.#running.delete(planned.id));
    this.#running.set(planned.id, running);
  }

  async #run(undo: Undo, sessionIds: readonly string[], work: (waiting: Undo) => Promise<void>): Promise<void> {
    const { database, clock } = this.#parts;
    try {
      const move = { to: 'waiting' as const, from: ['planned'] as const, at: clock.now() };
      const waiting = await database.transaction((tx) => moveUndo(tx, undo.projectId, undo.id, move));
      if (!waiting) return;
      await pauseSessions(this.#parts, undo, sessionIds);
      await work(waiting);
    } catch (error) {
      await fail(this.#parts, undo, error, undo.requestedBy);
    } finally {
      await resumeSessions(this.#parts, undo, undo.requestedBy);
    }
  }

  /** The undo once it is over in this process; as it stands where it is not under way here. @throws UNDO_NOT_FOUND */
  async finished(projectId: string, id: string): Promise<Undo> {
    await this.#running.get(id);
    return this.get(projectId, id);
  }

  /** @throws UNDO_NOT_FOUND, UNDO_NOT_CANCELLABLE once it writes */
  async cancel(projectId: string, id: string, actor: string): Promise<Undo> {
    const { database, clock } = this.#parts;
    return database.transaction(async (tx) => {
      const held = await holdUndo(tx, projectId, id);
      if (!held) throw new SignalboxError('UNDO_NOT_FOUND', { id });
      const move = { to: 'cancelled' as const, from: ['planned', 'waiting'] as const, at: clock.now() };
      const cancelled = await moveUndo(tx, projectId, id, move);
      if (!cancelled) throw new SignalboxError('UNDO_NOT_CANCELLABLE', { id, status: held.status });
      await recordUndoStep(tx, this.#parts, cancelled, 'cancel', actor);
      return cancelled;
    });
  }

  /** @throws UNDO_NOT_FOUND */
  async get(projectId: string, id: string): Promise<Undo> {
    const undo = await getUndo(this.#parts.database, projectId, id);
    if (!undo) throw new SignalboxError('UNDO_NOT_FOUND', { id });
    return undo;
  }

  /** A page of the project's undos, the latest first; see `UNDO_FIELDS`. */
  list(projectId: string, query: ListQuery = {}): Promise<Page<Undo>> {
    return pageUndos(this.#parts.database, projectId, query);
  }

  /** The trees of a workspace's captures that an undo under way, or the redo of one of the last 30 days, needs. */
  treesInUse(projectId: string, workspaceId: string): Promise<string[]> {
    const since = new Date(this.#parts.clock.now().getTime() - REDOABLE_MS);
    return treesOfUndos(this.#parts.database, projectId, workspaceId, since);
  }

  /** Ends what dead processes left, at start and from time to time. Answers how many. */
  recover(): Promise<number> {
    return recoverUndos(this.#parts, this.#process, (undoId) => this.#running.has(undoId));
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
