/** Paths of one workspace that are told apart; beyond that all of it is looked at. */
const MOST_PATHS = 1_000;

export interface ToldWorkspace {
  projectId: string;
  workspaceId: string;
  /** Relative to the workspace; null: whatever it is. */
  paths: ReadonlySet<string> | null;
  /** Whether its history may say something else, too. */
  history: boolean;
}

/** What this node was told of edits that it has not looked at yet. */
export class ToldEdits {
  readonly #told = new Map<string, ToldWorkspace>();

  add(projectId: string, workspaceId: string, paths: readonly string[] | null, history = false): void {
    const before = this.#told.get(workspaceId);
    const all = paths === null || before?.paths === null ? null : new Set([...(before?.paths ?? []), ...paths]);
    this.#told.set(workspaceId, {
      ...{ projectId, workspaceId },
      paths: all && all.size <= MOST_PATHS ? all : null,
      history: history || (before?.history ?? false),
    });
  }

  /** All that it was told of the workspace, which counts as looked at from now on. */
  take(workspaceId: string): ToldWorkspace | null {
    const told = this.#told.get(workspaceId) ?? null;
    this.#told.delete(workspaceId);
    return told;
  }

  get waiting(): readonly ToldWorkspace[] {
    return [...this.#told.values()];
  }
}
