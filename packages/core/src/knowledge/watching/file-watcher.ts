import { join, relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { z } from 'zod';
import type { Clock } from '../../platform/clock/clock.ts';
import { parseInput } from '../../platform/errors/index.ts';
import { type FileState, type WatchedChange, type WatchSettings, watchSettingsSchema } from './file-change.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { netChanges } from './net-changes.ts';
import { readState } from './read-state.ts';

/** Where something changes all the time, it is told of after so many times the pause that is waited for. */
const MOST_PAUSES = 10;
/** Between a batch and the next, where changes came while it was told of (WATCH-11). */
const FOLLOW_UP_MS = 100;

export interface FailedChange {
  change: WatchedChange;
  error: unknown;
}

export interface WatchHandlers {
  /** Awaited; of one batch as many at once as the settings say, the most urgent first. */
  onChange?: (change: WatchedChange) => unknown;
  /** After all of a batch were told of, those that failed among them. */
  onBatch?: (batch: { changes: readonly WatchedChange[]; failed: readonly FailedChange[] }) => unknown;
  /** What could not be read or watched, or a handler failed with. */
  onError: (error: unknown) => void;
}

/**
 * Tells what becomes of the files below a directory (WATCH). Events of the system only say where to look: a change is what differs from
 * the state that was told of last.
 */
export class FileWatcher {
  readonly #settings: z.output<typeof watchSettingsSchema>;
  readonly #handlers: WatchHandlers;
  readonly #clock: Clock;
  #rules: IgnoreRules;
  #watcher: FSWatcher | null = null;
  /** From start to stop. */
  #life: AbortController | null = null;
  #told = new Map<string, FileState>();
  #dirty = new Set<string>();
  /** While a batch waits for its time. */
  #pause: { over: AbortController; since: number } | null = null;
  #running: Promise<void> | null = null;

  /** @throws VALIDATION_FAILED */
  constructor(settings: WatchSettings, handlers: WatchHandlers, clock: Clock) {
    this.#settings = parseInput(watchSettingsSchema, settings);
    this.#handlers = handlers;
    this.#clock = clock;
    this.#rules = new IgnoreRules(this.#settings);
  }

  /** Resolves once everything below is watched and known, or it was stopped; what is there then is told of only when it changes (WATCH-03). */
  async start(): Promise<void> {
    const stopped = this.stop();
    // At once: whoever stops it from here on stops this.
    const life = new AbortController();
    this.#life = life;
    await stopped;
    await this.#alone(async () => {
      this.#told = new Map();
      await this.#watch(life.signal);
      const paths = [...this.#dirty];
      this.#dirty.clear();
      this.#told = await this.#look(paths);
      if (life.signal.aborted) return;
      for (const path of this.watchedPaths) {
        const isThere = path === '.' || this.#told.get(path)?.isDirectory;
        if (!isThere) this.#handlers.onError(new Error(`There is no directory ${path} to be watched yet.`));
      }
    });
  }

  /** Looks at everything again, and tells what changed since it told last (WATCH-14). Nothing where it does not watch. */
  async rescan(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    await this.#alone(async () => {
      await this.#watcher?.close();
      this.#rules = new IgnoreRules(this.#settings);
      await this.#watch(life.signal);
      if (life.signal.aborted) return;
      for (const path of this.#told.keys()) this.#dirty.add(path);
      await this.#tell();
    });
  }

  /** Nothing is told any more once it resolves; what waits is told before (`flush`), or dropped (WATCH-16). Idempotent. */
  async stop({ flush = false } = {}): Promise<void> {
    this.#life?.abort();
    this.#life = null;
    this.#pause?.over.abort();
    this.#pause = null;
    await this.#watcher?.close();
    this.#watcher = null;
    if (flush) await this.#flush();
    this.#dirty.clear();
    await this.#running;
  }

  get watchedPaths(): readonly string[] {
    return this.#settings.watchPaths;
  }

  /** Paths that are still to be looked at. */
  get queueLength(): number {
    return this.#dirty.size;
  }

  get isProcessing(): boolean {
    return this.#running !== null;
  }

  /** Resolves once all is watched; where `signal` aborts before, nothing is. */
  async #watch(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { root, watchPaths, pollEveryMs } = this.#settings;
    const watcher = watch(
      watchPaths.map((path) => join(root, path)),
      {
        ignored: (path, stats) => this.#isIgnored(path, stats?.isDirectory()),
        // Cycles of links lead nowhere then.
        followSymlinks: false,
        atomic: false,
        ignorePermissionErrors: true,
        ...(pollEveryMs === null ? {} : { backend: 'polling', pollingInterval: pollEveryMs }),
      },
    );
    this.#watcher = watcher;
    let isReady = false;
    const ready = new Promise<void>((resolve) => {
      watcher.once('ready', resolve);
      // One that is closed is never ready.
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    watcher.on('error', (error) => this.#handlers.onError(error));
    watcher.on('all', (_event, path) => {
      const relativePath = this.#relative(path);
      if (relativePath === '') return;
      this.#dirty.add(relativePath);
      if (isReady) this.#wait();
    });
    await ready;
    isReady = true;
    if (signal.aborted) await watcher.close();
  }

  /** Chokidar asks without knowing what a path is first: a rule for directories alone does not hold then. */
  #isIgnored(path: string, isDirectory = false): boolean {
    const relativePath = this.#relative(path);
    return relativePath !== '' && !relativePath.startsWith('../') && this.#rules.ignores(relativePath, isDirectory);
  }

  #relative(path: string): string {
    return relative(this.#settings.root, path).split(sep).join('/');
  }

  /** From the last event on, but not for ever. */
  #wait(ms = this.#settings.debounceMs): void {
    const now = this.#clock.monotonic();
    const since = this.#pause?.since ?? now;
    this.#pause?.over.abort();
    const over = new AbortController();
    this.#pause = { over, since };
    const left = since + this.#settings.debounceMs * MOST_PAUSES - now;
    this.#clock.sleep(Math.max(0, Math.min(ms, left)), over.signal).then(() => {
      if (over.signal.aborted) return;
      this.#pause = null;
      this.#flush().catch((error) => this.#handlers.onError(error));
    }, this.#handlers.onError);
  }

  #flush(): Promise<void> {
    return this.#alone(() => this.#tell());
  }

  /** One at a time. What comes meanwhile is told of a little later. */
  async #alone(work: () => Promise<void>): Promise<void> {
    while (this.#running) await this.#running;
    this.#running = work().catch((error) => this.#handlers.onError(error));
    await this.#running;
    this.#running = null;
    if (this.#dirty.size > 0 && this.#life && !this.#pause) this.#wait(FOLLOW_UP_MS);
  }

  async #tell(): Promise<void> {
    const paths = [...this.#dirty];
    this.#dirty.clear();
    const now = await this.#look(paths);
    const changes = netChanges(paths, this.#told, now).map((change): WatchedChange => {
      return { ...change, absolutePath: join(this.#settings.root, change.path) };
    });
    for (const path of paths) {
      const state = now.get(path);
      if (state) this.#told.set(path, state);
      else this.#told.delete(path);
    }
    if (changes.length === 0) return;
    const failed = await this.#deliver(changes);
    await this.#handlers.onBatch?.({ changes, failed });
    // Other rules may hold now for all that is below.
    if (changes.some(({ path }) => /(?:^|\/)\.gitignore$/.test(path)))
      this.rescan().catch((error) => this.#handlers.onError(error));
  }

  /** As they are; what is gone, or cannot be read, is left out. */
  async #look(paths: readonly string[]): Promise<Map<string, FileState>> {
    const { root, mostBytes } = this.#settings;
    const found = new Map<string, FileState>();
    await atOnce(paths, this.#settings.maxConcurrent, async (path) => {
      try {
        const state = await readState(join(root, path), mostBytes);
        if (state && !this.#rules.ignores(path, state.isDirectory)) found.set(path, state);
      } catch (error) {
        this.#handlers.onError(error);
        const before = this.#told.get(path);
        if (before) found.set(path, before);
      }
    });
    return found;
  }

  async #deliver(changes: readonly WatchedChange[]): Promise<FailedChange[]> {
    const failed: FailedChange[] = [];
    const { onChange, onError } = this.#handlers;
    if (!onChange) return failed;
    await atOnce(changes, this.#settings.maxConcurrent, async (change) => {
      try {
        await onChange(change);
      } catch (error) {
        failed.push({ change, error });
        onError(error);
      }
    });
    return failed;
  }
}

async function atOnce<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}
