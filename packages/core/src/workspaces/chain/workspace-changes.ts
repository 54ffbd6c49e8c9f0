import type { Database, Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import type { Captures } from '../captures.ts';
import type { Workspaces } from '../workspaces.ts';
import { blameFile } from './blame-file.ts';
import type { Blame } from './blamed-line.ts';
import { pageCaptures } from './capture-store.ts';
import {
  type ChangeScope,
  changesBetween,
  changesConcerning,
  changesOfSession,
  type LastChange,
  lastChangesOf,
  pageChanges,
} from './change-list-store.ts';
import { diffEach, diffNet, type FileDiff, type SessionDiff } from './session-diff.ts';
import type { WorkspaceCapture } from './workspace-capture.ts';
import type { WorkspaceChange } from './workspace-change.ts';

/** No chain gets further. */
const LAST_POSITION = 2 ** 31 - 1;

/** What changed in workspaces, by whose hand. */
export class WorkspaceChanges {
  readonly #database: Database;
  readonly #ids: Ids;
  readonly #workspaces: Pick<Workspaces, 'get'>;
  readonly #captures: Captures;

  constructor(parts: { database: Database; ids: Ids; workspaces: Pick<Workspaces, 'get'>; captures: Captures }) {
    this.#database = parts.database;
    this.#ids = parts.ids;
    this.#workspaces = parts.workspaces;
    this.#captures = parts.captures;
  }

  /**
   * Changes in the order of their chain unless asked otherwise, by any filter on {@link WORKSPACE_CHANGE_FIELDS}.
   * @throws UNKNOWN_FILTER, UNKNOWN_OPERATOR, UNKNOWN_SORT_KEY, VALIDATION_FAILED, PAGE_OUT_OF_RANGE, INVALID_CURSOR
   */
  list(projectId: string, query: ListQuery = {}, scope: ChangeScope = {}): Promise<Page<WorkspaceChange>> {
    return pageChanges(this.#database, projectId, scope, query);
  }

  /** All that is attributed to a session, oldest first. */
  forSession(projectId: string, sessionId: string, tx?: Executor): Promise<WorkspaceChange[]> {
    return changesOfSession(tx ?? this.#database, projectId, sessionId);
  }

  /** Changes of a workspace after position `after` that are a session's or, being ambiguous, may be; oldest first. */
  concerning(projectId: string, workspaceId: string, sessionId: string, after: number): Promise<WorkspaceChange[]> {
    return changesConcerning(this.#database, projectId, workspaceId, sessionId, after);
  }

  /** All changes of a workspace after position `after` of its chain up to and including `through`, oldest first. */
  between(
    projectId: string,
    workspaceId: string,
    after: number,
    through: number = LAST_POSITION,
    tx?: Executor,
  ): Promise<WorkspaceChange[]> {
    return changesBetween(tx ?? this.#database, projectId, workspaceId, after, through);
  }

  /** When these paths last changed, up to and including position `through`; those that never did are left out. */
  lastOf(
    projectId: string,
    workspaceId: string,
    paths: readonly string[],
    through: number = LAST_POSITION,
  ): Promise<ReadonlyMap<string, LastChange>> {
    return lastChangesOf(this.#database, projectId, workspaceId, paths, through);
  }

  /** Captures of a workspace, newest first unless asked otherwise, by any filter on {@link CAPTURE_FIELDS}. @throws WORKSPACE_NOT_FOUND */
  async captures(projectId: string, workspaceId: string, query: ListQuery = {}): Promise<Page<WorkspaceCapture>> {
    await this.#workspaces.get(projectId, workspaceId);
    return pageCaptures(this.#database, projectId, workspaceId, query);
  }

  /**
   * What is attributed to a session, as diffs: for each file what it comes to, or (`each`) change by change.
   * @throws WORKSPACE_NOT_FOUND, WORKSPACE_CAPTURE_FAILED
   */
  async diff(
    projectId: string,
    sessionId: string,
    { each = false, path }: { each?: boolean; path?: string | undefined } = {},
  ): Promise<SessionDiff> {
    const all = await this.forSession(projectId, sessionId);
    const files: FileDiff[] = [];
    for (const [workspaceId, own] of Map.groupBy(all, (change) => change.workspaceId)) {
      const repository = this.#captures.of(await this.#workspaces.get(projectId, workspaceId));
      const found = each ? await diffEach(repository, own) : await diffNet(repository, own, `diff-${this.#ids.uuid()}`);
      files.push(...found.map((file) => ({ workspaceId, ...file })));
    }
    const asked = path === undefined ? files : files.filter((file) => file.path === path || file.oldPath === path);
    return { sessionId, files: asked };
  }

  /**
   * By whose hand each line of a file came. The workspace is looked at first, so that the lines are those of now.
   * @throws WORKSPACE_NOT_FOUND, FILE_NOT_FOUND
   */
  async blame(projectId: string, workspaceId: string, path: string): Promise<Blame> {
    const workspace = await this.#workspaces.get(projectId, workspaceId);
    const chain = this.#captures.chain(workspace);
    const capture = await chain.step('look').then(
      (step) => step.capture,
      async (error) => {
        // Where its files cannot be had now, what was captured last is shown.
        const latest = SignalboxError.is(error, 'WORKSPACE_CAPTURE_FAILED') ? await chain.latest() : null;
        if (latest === null) throw error;
        return latest;
      },
    );
    return blameFile(this.#database, this.#captures.of(workspace), capture, path, `blame-${this.#ids.uuid()}`);
  }
}
