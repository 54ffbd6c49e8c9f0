import type { Database, Executor } from '../../platform/database/index.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import { type ChangeScope, changesBetween, changesOfSession, pageChanges } from './change-list-store.ts';
import type { WorkspaceChange } from './workspace-change.ts';

/** What changed in workspaces, by whose hand. */
export class WorkspaceChanges {
  readonly #database: Database;

  constructor(parts: { database: Database }) {
    this.#database = parts.database;
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

  /** All changes of a workspace after position `after` of its chain up to and including `through`, oldest first. */
  between(
    projectId: string,
    workspaceId: string,
    after: number,
    through = 2 ** 31 - 1,
    tx?: Executor,
  ): Promise<WorkspaceChange[]> {
    return changesBetween(tx ?? this.#database, projectId, workspaceId, after, through);
  }
}
