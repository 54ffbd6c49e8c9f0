import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { git, type Workspaces } from '../../workspaces/index.ts';
import type { Knowledge } from '../knowledge.ts';
import type { NoiseSettings } from '../noise/noise-settings.ts';
import { HeadWatches } from '../watching/head-watches.ts';
import { MOST_WATCHED, WorkspaceWatchers } from '../watching/workspace-watchers.ts';
import { type IndexJob, type StartIndex, startIndexSchema } from './index-job.ts';
import {
  claimIndexJob,
  endIndexJob,
  forgetIndexJobs,
  forgetJobsBefore,
  giveBackIndexJob,
  insertIndexJob,
  insertUpdateJob,
  listIndexedWorkspaces,
  listIndexJobs,
  openIndexJob,
  readIndexJob,
  renewIndexJob,
} from './index-job-store.ts';
import type { IndexMode } from './index-mode.ts';
import { distrustIndexedFiles, readFileHashes } from './indexed-file-store.ts';
import { runIndexJob } from './run-index-job.ts';
import { isSourcePath } from './source-path.ts';
import { ToldEdits } from './told-edits.ts';
import { WarmThreads } from './warm-threads.ts';

/** Between two looks for work that nobody does. */
const ROUND_MS = 1_000;
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;
/** How often work is taken up whose process ended before it was done: a source that kills it kills the next one, too. */
const MOST_ATTEMPTS = 3;
/** How often a workspace is looked at again whose reading failed: a file may have gone while it was read. */
const MOST_AGAIN = 3;
const LISTED = 50;
const NEVER: ReadonlySet<string> = new Set();
const DAY_MS = 24 * 3600 * 1000;
/** By whom work is asked for that nobody asked for: files were edited. */
const EDITS = 'edits';

export interface IndexingParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  nodeId: string;
  knowledge: Knowledge;
  workspaces: Workspaces;
  /** Whether workspaces that this node has read are watched, and read again when files change. */
  watch?: boolean;
  noise: NoiseSettings;
  /** How code is read where nobody says. */
  mode?: IndexMode;
  onError: (error: unknown) => void;
}

/**
 * Reads the code of workspaces into the graph, one workspace at a time on each node, in a thread of its own. What was read is remembered
 * by file, so that only what says something else is read again, and so that work which a process left behind goes on where it stopped.
 */
export class Indexing {
  readonly name = 'index code';
  readonly #parts: IndexingParts;
  readonly #abort = new AbortController();
  readonly #threads: WarmThreads;
  readonly #mode: IndexMode;
  readonly #told = new ToldEdits();
  /** What is told again after a while, since its reading failed, and how often each failed in a row, by workspace. */
  readonly #again = new ToldEdits();
  readonly #failures = new Map<string, number>();
  readonly #watchers: WorkspaceWatchers | null;
  readonly #heads = new HeadWatches();
  #wake = new AbortController();
  #loop: Promise<void> | null = null;
  #failure: string | null = null;

  constructor(parts: IndexingParts) {
    this.#parts = parts;
    this.#threads = new WarmThreads(parts.clock);
    const { clock, onError, watch = false, mode = 'types' } = parts;
    this.#mode = mode;
    this.#watchers = watch
      ? new WorkspaceWatchers({ clock, onError, onEdited: (...told) => this.edited(...told) })
      : null;
  }

  get failure(): string | null {
    return this.#failure;
  }

  /** Asks for a workspace to be read; what is under way for it is answered as it is. @throws WORKSPACE_NOT_FOUND, VALIDATION_FAILED */
  async request(projectId: string, input: StartIndex, actor: string): Promise<IndexJob> {
    const { workspaceId, full, mode = this.#mode } = parseInput(startIndexSchema, input);
    const { database, clock, ids, workspaces } = this.#parts;
    const { path } = await workspaces.get(projectId, workspaceId);
    for (;;) {
      const job = await database.transaction(async (tx) => {
        const draft = { id: ids.uuid(), workspaceId, full, mode, requestedBy: actor, at: clock.now() };
        const made = await insertIndexJob(tx, projectId, draft);
        if (!made) return openIndexJob(tx, projectId, workspaceId);
        if (full) await distrustIndexedFiles(tx, projectId, workspaceId);
        const subject = { subjectType: 'workspace', subjectId: workspaceId };
        const entry = { actor, action: 'graph.index', ...subject, details: { job: made.id, path, full, mode } };
        await recordAudit(tx, projectId, entry, ids);
        return made;
      });
      // Else one was under way that ended just now.
      if (job) {
        // Whatever it is: one that is under way may have looked already.
        this.edited(projectId, workspaceId, null);
        return job;
      }
    }
  }

  /**
   * Files of a workspace may say something else now; it is read again in a moment, on this node, if its code is in the graph.
   * @param paths relative to it; null: any of them
   */
  edited(projectId: string, workspaceId: string, paths: readonly string[] | null): void {
    this.#told.add(projectId, workspaceId, paths);
    this.#wake.abort();
  }

  /** @throws GRAPH_INDEX_JOB_NOT_FOUND */
  async get(projectId: string, id: string): Promise<IndexJob> {
    const job = await readIndexJob(this.#parts.database, projectId, id);
    if (!job) throw new SignalboxError('GRAPH_INDEX_JOB_NOT_FOUND', { id });
    return job;
  }

  /** The last ones, the newest first. */
  list(projectId: string): Promise<IndexJob[]> {
    return listIndexJobs(this.#parts.database, projectId, LISTED);
  }

  /**
   * With what bytes files were read last in any of some workspaces: their SHA-256 in hex, none for a source that was not read; null for
   * what is no source, and in all where nothing of the workspaces was ever read.
   */
  async filesRead(
    projectId: string,
    workspaceIds: readonly string[],
    paths: readonly string[],
  ): Promise<Map<string, ReadonlySet<string> | null> | null> {
    const hashes = await readFileHashes(this.#parts.database, projectId, workspaceIds, paths);
    return hashes && new Map(paths.map((path) => [path, isSourcePath(path) ? (hashes.get(path) ?? NEVER) : null]));
  }

  /** Forgets work that ended more than so many days ago; answers to how much. */
  forgetOld(projectId: string, days: number): Promise<number> {
    const { database, clock } = this.#parts;
    return forgetIndexJobs(database, projectId, new Date(clock.now().getTime() - days * DAY_MS));
  }

  /** Idempotent. */
  start(): void {
    this.#loop ??= this.#rounds();
  }

  /** Gives back what is under way, for another node or a later time. Idempotent. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('This node is stopping.'));
    await this.#loop;
    await this.#watchers?.close();
    await this.#threads.close();
  }

  /** Does the oldest work that nobody does; null where there is none. */
  async round(): Promise<IndexJob | null> {
    const { database, clock, nodeId } = this.#parts;
    await this.#askForTold();
    const claimed = await claimIndexJob(database, nodeId, clock.now(), LEASE_SECONDS);
    if (!claimed) return null;
    const { job, tries } = claimed;
    const told = this.#told.take(job.workspaceId);
    if (tries > MOST_ATTEMPTS) {
      return this.#end(job, `Each of ${MOST_ATTEMPTS} processes that read this workspace ended before it was done.`);
    }
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, this.#abort.signal]);
    const stopRenewing = clock.every(RENEW_MS, () => {
      renewIndexJob(database, job, clock.now(), LEASE_SECONDS).then(
        (held) => held || lost.abort(new Error('Somebody else took this work up.')),
        this.#parts.onError,
      );
    });
    try {
      const { path } = await this.#parts.workspaces.get(job.projectId, job.workspaceId);
      // Who asked for more than edits to be read knows of nothing in particular.
      const edited = job.requestedBy === EDITS && told?.paths ? [...told.paths] : null;
      const thread = await this.#threads.take(job.workspaceId, path);
      await runIndexJob(
        this.#parts,
        job,
        (known) => thread.read({ known, edited, mode: job.mode }, () => listSources(path), signal),
        edited && !told?.history ? null : { root: path, signal },
      );
      const ended = await this.#end(job, null);
      this.#failures.delete(job.workspaceId);
      if (ended && this.#watchers) {
        this.#watchers.watch(job.projectId, job.workspaceId, path);
        this.#heads.watch(job.projectId, job.workspaceId, path);
      }
      return ended;
    } catch (error) {
      if (this.#abort.signal.aborted) await giveBackIndexJob(database, job);
      else if (!lost.signal.aborted) {
        this.#tellAgain(job);
        return await this.#end(job, messageOf(error));
      }
      return null;
    } finally {
      stopRenewing();
    }
  }

  #tellAgain({ projectId, workspaceId }: IndexJob): void {
    const failures = (this.#failures.get(workspaceId) ?? 0) + 1;
    this.#failures.set(workspaceId, failures);
    if (failures <= MOST_AGAIN) this.#again.add(projectId, workspaceId, null);
  }

  /** What was watched before may have changed since; by whom it was nobody can tell, for nodes may get a name with each process. */
  async #resume(): Promise<void> {
    if (!this.#watchers) return;
    for (const { projectId, workspaceId } of await listIndexedWorkspaces(this.#parts.database, MOST_WATCHED)) {
      this.edited(projectId, workspaceId, null);
    }
  }

  /** Where work is under way for a workspace, on this node or another, what was told meanwhile waits for its end. */
  async #askForTold(): Promise<void> {
    const { database, clock, ids } = this.#parts;
    for (const { projectId, workspaceId } of this.#told.waiting) {
      const draft = { id: ids.uuid(), workspaceId, full: false, mode: this.#mode, requestedBy: EDITS, at: clock.now() };
      const made = await insertUpdateJob(database, projectId, draft);
      if (made === 'unknown') this.#told.take(workspaceId);
    }
  }

  async #end(job: IndexJob, error: string | null): Promise<IndexJob | null> {
    const { database, clock } = this.#parts;
    return database.transaction(async (tx) => {
      const ended = await endIndexJob(tx, job, error, clock.now());
      if (ended) await recordFeed(tx, job.projectId, 'graph', { indexJob: job.id, status: ended.status });
      // Every burst of edits is work of its own, of which only the last says what is so now.
      if (ended?.requestedBy === EDITS) await forgetJobsBefore(tx, ended);
      return ended;
    });
  }

  async #rounds(): Promise<void> {
    const { clock, onError } = this.#parts;
    const { signal } = this.#abort;
    await this.#resume().catch(onError);
    while (!signal.aborted) {
      // What is told from here on wakes it once more.
      this.#wake = new AbortController();
      try {
        while (!signal.aborted && (await this.round()) !== null);
        this.#failure = null;
      } catch (error) {
        const away = SignalboxError.is(error, 'DATABASE_UNAVAILABLE') || SignalboxError.is(error, 'OUTCOME_UNKNOWN');
        if (!away) {
          this.#failure = messageOf(error);
          onError(error);
        }
      }
      await clock.sleep(ROUND_MS, AbortSignal.any([signal, this.#wake.signal]));
      for (const { projectId, workspaceId } of this.#again.waiting) {
        this.#again.take(workspaceId);
        this.#told.add(projectId, workspaceId, null);
      }
      for (const { projectId, workspaceId } of await this.#heads.moved()) {
        this.#told.add(projectId, workspaceId, [], true);
      }
      await this.#threads.closeIdle();
    }
  }
}

/** What the user's own rules do not ignore; null where no repository is. @throws Error whatever git failed with */
async function listSources(directory: string): Promise<string[] | null> {
  const call = { cwd: directory, asUser: true };
  try {
    await git(['rev-parse', '--is-inside-work-tree'], call);
  } catch (error) {
    // Whatever else git fails with: without it all would be read that the user's rules ignore.
    if (messageOf(error).includes('not a git repository')) return null;
    throw error;
  }
  const listed = await git(['ls-files', '-z', '--cached', '--others', '--exclude-standard'], call);
  return [...new Set(listed.toString('utf8').split('\0'))].filter((path) => path !== '' && !path.endsWith('/'));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
