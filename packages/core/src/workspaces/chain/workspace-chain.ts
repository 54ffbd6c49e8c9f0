import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import {
  type Capture,
  type CaptureRepository,
  explainedPaths,
  type FileChange,
  type RepositoryState,
} from '../capture/index.ts';
import { attributeChange, type UndoAuthor } from './attribute-change.ts';
import {
  appendCapture,
  type ChainHead,
  chainHead,
  clearHolder,
  ensureChain,
  holdChain,
  renewHolder,
  setHolder,
} from './capture-store.ts';
import { insertChanges } from './change-store.ts';
import type { ChangeWindow, ExpectedWrite, WindowOwner } from './change-window.ts';
import { closeOverWindows, closeWindows, insertWindow, openWindows, writingSessions } from './window-store.ts';
import type { CaptureReason, WorkspaceCapture } from './workspace-capture.ts';
import type { WorkspaceChange } from './workspace-change.ts';

/** How often a capture is taken again because another process appended meanwhile. */
const MOST_TRIES = 20;
/** Longest that a step waits while somebody has the files alone, in milliseconds. */
const HELD_WAIT_MS = 30_000;
const LOOK_AGAIN_MS = 100;
/** Seconds after which a holder that does not renew is forgotten, and between two renewals. */
const HOLD_SECONDS = 30;
const RENEW_SECONDS = 10;

/** Kinds of steps that leave a capture behind even where nothing changed: they are gone back to. */
const BOUNDARIES: ReadonlySet<CaptureReason> = new Set([
  'session_start',
  'session_end',
  'checkpoint',
  'request',
  'undo',
]);

/** What a step found: the newest capture of the chain, and what changed since the one before. */
export interface ChainStep {
  capture: WorkspaceCapture;
  changes: WorkspaceChange[];
}

interface Request {
  reason: CaptureReason;
  sessionId: string | null;
  open: (WindowOwner & { expected: readonly ExpectedWrite[] | null }) | null;
  close: { sessionId: string; callId: string | null; all: boolean } | null;
  undo: UndoAuthor | null;
  /** Who has the files alone, where it is that one who asks. */
  holder: string | null;
  resolve: (step: ChainStep | 'held') => void;
  reject: (error: unknown) => void;
}

/** Told where files were found changed, once that is committed. */
export type OnChanges = (projectId: string, workspaceId: string, paths: string[]) => void;

/**
 * The captures of one workspace in one serial chain, across sessions and processes, and whose the changes between them
 * are. What asks for a step while one is under way shares the next. A capture is taken outside of any transaction; it is
 * appended only where nobody appended meanwhile, else it is taken again.
 */
export class WorkspaceChain {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #repository: CaptureRepository;
  readonly #workspace: { id: string; projectId: string; path: string };
  readonly #onChanges: OnChanges | undefined;
  readonly #within = new AsyncLocalStorage<string>();
  #waiting: Request[] = [];
  #running = false;

  constructor(parts: {
    database: Database;
    clock: Clock;
    ids: Ids;
    repository: CaptureRepository;
    workspace: { id: string; projectId: string; path: string };
    onChanges?: OnChanges;
  }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#repository = parts.repository;
    this.#workspace = parts.workspace;
    this.#onChanges = parts.onChanges;
  }

  /** The newest capture, without taking one; null where there is none yet. */
  async latest(): Promise<WorkspaceCapture | null> {
    return (await chainHead(this.#database, this.#workspace.projectId, this.#workspace.id)).capture;
  }

  /**
   * Captures now and writes down what changed since the capture before. Where nothing did, `tool_before`, `tool_after` and
   * `look` add nothing to the chain. @throws WORKSPACE_CAPTURE_FAILED, WORKSPACE_BUSY
   */
  step(reason: CaptureReason, sessionId: string | null = null): Promise<ChainStep> {
    return this.#ask({ reason, sessionId });
  }

  /**
   * Captures, then opens a window: what changes from now on may be its owner's. It waits while somebody has the files to
   * itself. @throws WORKSPACE_BUSY when that lasts longer than 30 s, WORKSPACE_CAPTURE_FAILED
   */
  openWindow(owner: WindowOwner, expected: readonly ExpectedWrite[] | null): Promise<ChainStep> {
    const { sessionId } = owner;
    return this.#ask({ reason: 'tool_before', sessionId, open: { ...owner, expected } });
  }

  /** Captures, then closes the window of a call, or of the whole run where `callId` is null. Idempotent. */
  closeWindow(sessionId: string, callId: string | null): Promise<ChainStep> {
    return this.#ask({ reason: 'tool_after', sessionId, close: { sessionId, callId, all: false } });
  }

  /** Captures, then closes all windows of a session: its run is over. */
  closeSession(sessionId: string): Promise<ChainStep> {
    return this.#ask({ reason: 'session_end', sessionId, close: { sessionId, callId: null, all: true } });
  }

  /** The step after an undo has written: what it wrote (all that changed without `paths`) is the undo's. */
  recordUndo(undoId: string, actor: string, paths?: readonly string[]): Promise<ChainStep> {
    const undo = { undoId, actor, paths: paths ? new Set(paths) : null };
    return this.#ask({ reason: 'undo', undo });
  }

  /**
   * Runs `work` while no window is opened and no step but its own is made, in any process, so that what it writes is
   * recorded by itself. Windows that are open are waited for, those of paused sessions left out; `force` goes on with
   * them open. @throws WORKSPACE_BUSY after `waitMs`
   */
  async exclusively<T>(work: () => Promise<T>, { waitMs = 30_000, force = false } = {}): Promise<T> {
    const { projectId, id } = this.#workspace;
    const holder = this.#ids.uuid();
    const until = this.#clock.monotonic() + waitMs;
    await ensureChain(this.#database, projectId, id);
    while (!(await this.#hold(holder))) await this.#waitOrThrow(until, 'its files are being set back');
    const stop = this.#clock.every(RENEW_SECONDS * 1000, () => {
      // One renewal that fails is made good by the next; the hold outlasts two.
      void renewHolder(this.#database, projectId, id, holder, HOLD_SECONDS).catch(() => undefined);
    });
    try {
      for (;;) {
        const writing = await this.#holdAlone(holder, force);
        if (writing.length === 0) break;
        await this.#waitOrThrow(until, `sessions may be writing to it: ${writing.join(', ')}`);
      }
      return await this.#within.run(holder, work);
    } finally {
      stop();
      await clearHolder(this.#database, projectId, id, holder);
    }
  }

  /** From now on no window opens. False while somebody else has that. */
  async #hold(holder: string): Promise<boolean> {
    const { projectId, id } = this.#workspace;
    return this.#database.transaction(async (tx) => {
      if ((await holdChain(tx, projectId, id)).heldBy !== null) return false;
      await setHolder(tx, projectId, id, holder, HOLD_SECONDS, false);
      return true;
    });
  }

  /** From now on only steps of the holder are made, unless sessions may still be writing: then answers those. */
  async #holdAlone(holder: string, force: boolean): Promise<string[]> {
    const { projectId, id } = this.#workspace;
    return this.#database.transaction(async (tx) => {
      const { heldBy } = await holdChain(tx, projectId, id);
      if (heldBy !== holder) throw this.#busy('it was held for too long without a sign');
      const writing = force ? [] : await writingSessions(tx, projectId, id);
      if (writing.length === 0) await setHolder(tx, projectId, id, holder, HOLD_SECONDS, true);
      return writing;
    });
  }

  async #waitOrThrow(until: number, why: string): Promise<void> {
    if (this.#clock.monotonic() >= until) throw this.#busy(why);
    await this.#clock.sleep(LOOK_AGAIN_MS);
  }

  /** Asks again while somebody else has the files alone; a mere look is answered with what was captured last. */
  async #ask(request: Partial<Request> & Pick<Request, 'reason'>): Promise<ChainStep> {
    const until = this.#clock.monotonic() + HELD_WAIT_MS;
    for (;;) {
      const step = await this.#request(request);
      if (step !== 'held') return step;
      const capture = request.reason === 'look' ? await this.latest() : null;
      if (capture) return { capture, changes: [] };
      await this.#waitOrThrow(until, 'its files are being set back');
    }
  }

  #request(request: Partial<Request> & Pick<Request, 'reason'>): Promise<ChainStep | 'held'> {
    const holder = this.#within.getStore() ?? null;
    return new Promise((resolve, reject) => {
      const nothing = { sessionId: null, open: null, close: null, undo: null };
      this.#waiting.push({ ...nothing, ...request, holder, resolve, reject });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = takeBatch(this.#waiting);
      try {
        const done = await this.#perform(batch);
        for (const request of batch) request.resolve(done);
      } catch (error) {
        for (const request of batch) request.reject(error);
      }
    }
    this.#running = false;
  }

  async #perform(batch: readonly Request[]): Promise<ChainStep | 'held'> {
    const { projectId, id, path } = this.#workspace;
    await ensureChain(this.#database, projectId, id);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const head = await chainHead(this.#database, projectId, id);
      const taken = await this.#repository.capture();
      const changes = head.capture ? await this.#changes(head.capture, taken) : [];
      const moved = head.capture ? repositoryMoved(head.capture, taken.repository) : false;
      const explained =
        head.capture && changes.length > 0 && (moved || taken.repository.stash !== null)
          ? await explainedPaths(path, head.capture, taken.repository, changes)
          : new Set<string>();
      const done = await this.#database.transaction((tx) =>
        this.#append(tx, batch, { head, taken, changes, moved, explained }),
      );
      if (done) return done;
    }
    throw this.#busy('other processes capture it without a pause');
  }

  /** What changed between two captures; what could only not be read any more has not. */
  async #changes(before: WorkspaceCapture, taken: Capture): Promise<FileChange[]> {
    if (before.treeId === taken.treeId) return [];
    const leftOut = new Set(taken.unreadable);
    const changes = await this.#repository.diff(before.treeId, taken.treeId);
    return changes.filter(({ path, operation }) => operation !== 'deleted' || !leftOut.has(path));
  }

  /** Null where somebody else has appended meanwhile. */
  async #append(
    tx: Transaction,
    batch: readonly Request[],
    found: {
      head: ChainHead;
      taken: Capture;
      changes: readonly FileChange[];
      moved: boolean;
      explained: ReadonlySet<string>;
    },
  ): Promise<ChainStep | 'held' | null> {
    const { projectId, id } = this.#workspace;
    const { head, taken } = found;
    const chain = await holdChain(tx, projectId, id);
    const others = chain.heldBy !== null && chain.heldBy !== batch[0]?.holder;
    if (others && (chain.alone || batch.some(({ open }) => open !== null))) return 'held';
    if (chain.position !== head.position) return null;
    const at = this.#clock.now().toISOString();
    const windows = await openWindows(tx, projectId, id);
    const same = head.capture !== null && head.capture.treeId === taken.treeId && !found.moved;
    const boundary = batch.find(({ reason }) => BOUNDARIES.has(reason));
    const known = same && !boundary ? head.capture : null;
    const cause = boundary ?? (batch[0] as Request);
    const capture = known ?? this.#capture(head.position + 1, taken, cause, at);
    const undo = batch.find((request) => request.undo !== null)?.undo ?? null;
    const changes = found.changes.map((change) =>
      this.#change(change, capture, head, { windows, explained: found.explained, undo }),
    );
    if (!known) await appendCapture(tx, projectId, capture);
    await insertChanges(tx, projectId, changes);
    if (changes.length > 0) {
      const paths = changes.flatMap(({ path, oldPath }) => (oldPath === null ? path : [path, oldPath]));
      tx.afterCommit(() => this.#onChanges?.(projectId, id, paths));
    }
    if (windows.some(({ over }) => over)) await closeOverWindows(tx, projectId, id, capture.position, at);
    for (const { close, open } of batch) {
      if (close) await closeWindows(tx, projectId, id, close, capture.position, at);
      if (open) {
        await insertWindow(tx, projectId, id, { ...open, id: this.#ids.uuid(), position: capture.position, at });
      }
    }
    return { capture, changes };
  }

  #capture(position: number, taken: Capture, { reason, sessionId }: Request, takenAt: string): WorkspaceCapture {
    const { treeId, files, bytes, unreadable, emptyDirectories, repository } = taken;
    const { id: workspaceId, projectId } = this.#workspace;
    const own = { id: this.#ids.uuid(), projectId, workspaceId, position, reason, sessionId, prunedAt: null, takenAt };
    return { ...own, treeId, files, bytes, ...repository, unreadable, emptyDirectories };
  }

  #change(
    found: FileChange,
    capture: WorkspaceCapture,
    head: ChainHead,
    context: { windows: readonly ChangeWindow[]; explained: ReadonlySet<string>; undo: UndoAuthor | null },
  ): WorkspaceChange {
    const { diff: _diff, ...change } = found;
    const { projectId, workspaceId, position, treeId, takenAt } = capture;
    return {
      id: this.#ids.uuid(),
      projectId,
      workspaceId,
      position,
      ...change,
      beforeTree: head.capture?.treeId ?? treeId,
      afterTree: treeId,
      ...attributeChange(change, context),
      occurredAt: takenAt,
    };
  }

  #busy(reason: string): SignalboxError {
    return new SignalboxError('WORKSPACE_BUSY', { id: this.#workspace.id, reason });
  }
}

/**
 * The next requests that one capture can serve: an undo's has changes of its own, a holder's are made while others wait,
 * and windows are not opened while others may still be closed.
 */
function takeBatch(waiting: Request[]): Request[] {
  const [first] = waiting as [Request];
  const apart = ({ undo, holder, open }: Request) =>
    undo !== null || holder !== first.holder || (open === null) !== (first.open === null);
  const end = waiting.findIndex(apart);
  return waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
}

function repositoryMoved(before: RepositoryState, after: RepositoryState): boolean {
  // The index is left out: asking for the status is enough to rewrite it.
  const facts = ['head', 'branch', 'stash', 'operation'] as const;
  return facts.some((fact) => before[fact] !== after[fact]);
}
