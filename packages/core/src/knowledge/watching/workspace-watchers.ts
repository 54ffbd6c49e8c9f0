import type { Clock } from '../../platform/clock/clock.ts';
import { FileWatcher, type WatchHandlers } from './file-watcher.ts';

/** Workspaces that a node watches; the one that was indexed longest ago goes first. */
export const MOST_WATCHED = 10;

interface WatcherParts {
  clock: Clock;
  /** Told which files of a workspace changed; null: it cannot be told which. */
  onEdited: (projectId: string, workspaceId: string, paths: readonly string[] | null) => void;
  onError: (error: unknown) => void;
  most?: number;
  /** By default a watcher of files. */
  open?: (root: string, handlers: WatchHandlers) => Pick<FileWatcher, 'start' | 'stop'>;
}

interface Watched {
  root: string;
  watcher: Pick<FileWatcher, 'start' | 'stop'>;
}

/** The watchers of the workspaces whose code is in the graph, on the node that read it last. */
export class WorkspaceWatchers {
  readonly #parts: Required<WatcherParts>;
  readonly #watched = new Map<string, Watched>();
  /** Being started and stopped: nobody waits for that but who closes all. */
  readonly #changing = new Set<Promise<void>>();

  constructor(parts: WatcherParts) {
    const open = (root: string, handlers: WatchHandlers) => new FileWatcher({ root }, handlers, parts.clock);
    this.#parts = { most: MOST_WATCHED, open, ...parts };
  }

  /** From a moment later on. One that cannot be watched is told of as an error, and tried again the next time. */
  watch(projectId: string, workspaceId: string, root: string): void {
    const changing = this.#watch(projectId, workspaceId, root)
      .catch(this.#parts.onError)
      .finally(() => this.#changing.delete(changing));
    this.#changing.add(changing);
  }

  /** Nothing is told any more once it resolves. */
  async close(): Promise<void> {
    const all = [...this.#watched.values()];
    this.#watched.clear();
    await Promise.all(all.map(({ watcher }) => watcher.stop()));
    await Promise.all(this.#changing);
  }

  async #watch(projectId: string, workspaceId: string, root: string): Promise<void> {
    const { onEdited, onError, most, open } = this.#parts;
    const known = this.#watched.get(workspaceId);
    this.#watched.delete(workspaceId);
    if (known?.root === root) {
      this.#watched.set(workspaceId, known);
      return;
    }
    const watcher = open(root, {
      onBatch: ({ changes }) =>
        onEdited(
          projectId,
          workspaceId,
          changes.flatMap(({ path, oldPath }) => (oldPath === undefined ? path : [path, oldPath])),
        ),
      onError,
    });
    this.#watched.set(workspaceId, { root, watcher });
    const oldest = [...this.#watched].slice(0, -most);
    for (const [id] of oldest) this.#watched.delete(id);
    const isWatched = () => this.#watched.get(workspaceId)?.watcher === watcher;
    try {
      for (const gone of [...(known ? [known] : []), ...oldest.map(([, one]) => one)]) await gone.watcher.stop();
      if (isWatched()) await watcher.start();
    } catch (error) {
      if (isWatched()) this.#watched.delete(workspaceId);
      throw error;
    }
    // What was edited between its reading and now.
    if (isWatched()) onEdited(projectId, workspaceId, null);
  }
}
