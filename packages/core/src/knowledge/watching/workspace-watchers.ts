import type { Clock } from '../../platform/clock/clock.ts';
import { FileWatcher } from './file-watcher.ts';

/** Workspaces that a node watches; the one that was indexed longest ago goes first. */
export const MOST_WATCHED = 10;

interface WatcherParts {
  clock: Clock;
  /** Told which files of a workspace changed; null: it cannot be told which. */
  onEdited: (projectId: string, workspaceId: string, paths: readonly string[] | null) => void;
  onError: (error: unknown) => void;
}

/** The watchers of the workspaces whose code is in the graph, on the node that read it last. */
export class WorkspaceWatchers {
  readonly #parts: WatcherParts;
  readonly #watchers = new Map<string, { root: string; watcher: FileWatcher }>();

  constructor(parts: WatcherParts) {
    this.#parts = parts;
  }

  /** From now on. One that cannot be watched is told of as an error, and not watched. */
  async watch(projectId: string, workspaceId: string, root: string): Promise<void> {
    const known = this.#watchers.get(workspaceId);
    if (known?.root === root) {
      this.#watchers.delete(workspaceId);
      this.#watchers.set(workspaceId, known);
      return;
    }
    const { clock, onEdited, onError } = this.#parts;
    const watcher = new FileWatcher(
      { root },
      {
        onBatch: ({ changes }) =>
          onEdited(
            projectId,
            workspaceId,
            changes.flatMap(({ path, oldPath }) => (oldPath === undefined ? path : [path, oldPath])),
          ),
        onError,
      },
      clock,
    );
    this.#watchers.set(workspaceId, { root, watcher });
    await known?.watcher.stop();
    for (const oldest of [...this.#watchers.keys()].slice(0, -MOST_WATCHED)) await this.#stop(oldest);
    await watcher.start();
    // What was edited between its reading and now.
    onEdited(projectId, workspaceId, null);
  }

  async close(): Promise<void> {
    for (const workspaceId of [...this.#watchers.keys()]) await this.#stop(workspaceId);
  }

  async #stop(workspaceId: string): Promise<void> {
    const known = this.#watchers.get(workspaceId);
    this.#watchers.delete(workspaceId);
    await known?.watcher.stop();
  }
}
