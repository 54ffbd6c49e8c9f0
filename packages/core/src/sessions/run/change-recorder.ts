import type { Clock } from '../../platform/clock/clock.ts';
import type {
  CaptureRepository,
  ExpectedWrite,
  FileChange,
  WorkspaceChain,
  WorkspaceChange,
  WorkspaceChanges,
} from '../../workspaces/index.ts';
import type { ToolCall } from '../runtime.ts';

/** Longest wait between two looks at the files of a run that reports no tool calls, in milliseconds. */
const SLOWEST_LOOK_MS = 30_000;
const QUICKEST_LOOK_MS = 1_000;
/** A look may take this share of the time at most: large trees are looked at less often. */
const LOOK_SHARE = 20;

/** A change that is a session's, or may be, with its text. */
export interface RecordedChange {
  change: WorkspaceChange;
  file: FileChange;
  /** The session's call that made it, or may have. */
  callId: string | null;
}

export type ChangeSink = (changes: readonly RecordedChange[]) => Promise<void>;

/**
 * Finds what a run changes in its workspace and tells of it: around each tool call that is reported, and from time to
 * time where none are. Whose a change is, the workspace's chain says; told is what is the session's, or may be, each
 * change once, whichever process found it.
 */
export class ChangeRecorder {
  readonly #chain: WorkspaceChain;
  readonly #repository: CaptureRepository;
  readonly #changes: WorkspaceChanges;
  readonly #clock: Clock;
  readonly #session: { projectId: string; id: string; attempt: number };
  readonly #workspaceId: string;
  readonly #actor: string;
  /** Whether the run reports no tool calls: then it may write at any time. */
  readonly #silent: boolean;
  readonly #sink: ChangeSink;
  #told: number;
  #telling: Promise<unknown> = Promise.resolve();
  #lookMs = QUICKEST_LOOK_MS;

  constructor(options: {
    chain: WorkspaceChain;
    repository: CaptureRepository;
    changes: WorkspaceChanges;
    clock: Clock;
    session: { projectId: string; id: string; attempt: number };
    workspaceId: string;
    actor: string;
    silent: boolean;
    sink: ChangeSink;
    /** Position up to which changes have been told; those of a run that begins are told from its beginning on. */
    told?: number;
  }) {
    this.#chain = options.chain;
    this.#repository = options.repository;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#session = options.session;
    this.#workspaceId = options.workspaceId;
    this.#actor = options.actor;
    this.#silent = options.silent;
    this.#sink = options.sink;
    this.#told = options.told ?? 0;
  }

  /** Position in the workspace's chain up to which changes have been told. */
  get told(): number {
    return this.#told;
  }

  /** The tree the run began with. @throws WORKSPACE_BUSY, WORKSPACE_CAPTURE_FAILED */
  async begin(): Promise<string> {
    const { capture } = await this.#chain.step('session_start', this.#session.id);
    this.#told = capture.position;
    if (this.#silent) await this.#chain.openWindow(this.#owner(null, null), null);
    return capture.treeId;
  }

  /** A call begins that may write: what it changes is its own from now on. @throws WORKSPACE_BUSY, WORKSPACE_CAPTURE_FAILED */
  async before(call: ToolCall, expected: readonly ExpectedWrite[] | null): Promise<void> {
    await this.#chain.openWindow(this.#owner(call.callId, call.tool), expected);
    await this.#tell();
  }

  /** It has ended. */
  async after(callId: string): Promise<void> {
    await this.#chain.closeWindow(this.#session.id, callId);
    await this.#tell();
  }

  /** Looks now and tells what changed since the last look. */
  async look(): Promise<void> {
    const start = this.#clock.monotonic();
    await this.#chain.step('look', this.#session.id);
    this.#lookMs = clamp((this.#clock.monotonic() - start) * LOOK_SHARE);
    await this.#tell();
  }

  /** The run is over: tells the last of it, and answers the tree it left. */
  async end(): Promise<string> {
    const { capture } = await this.#chain.closeSession(this.#session.id);
    await this.#tell();
    return capture.treeId;
  }

  /** Looks again and again until `signal` aborts; an error is given to `onError` and ends it. */
  async watch(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#lookMs, signal);
      if (signal.aborted) return;
      try {
        await this.look();
      } catch (error) {
        onError(error);
        return;
      }
    }
  }

  #owner(callId: string | null, tool: string | null) {
    return { sessionId: this.#session.id, callId, tool, actor: this.#actor, attempt: this.#session.attempt };
  }

  #tell(): Promise<void> {
    const next = this.#telling.then(async () => {
      const { projectId, id } = this.#session;
      const found = await this.#changes.concerning(projectId, this.#workspaceId, id, this.#told);
      const recorded: RecordedChange[] = [];
      for (const change of found) {
        const file = (await this.#repository.diff(change.beforeTree, change.afterTree)).find(
          ({ path }) => path === change.path,
        );
        const callId = change.callId ?? change.candidates.find(({ sessionId }) => sessionId === id)?.callId ?? null;
        if (file) recorded.push({ change, file, callId });
      }
      if (recorded.length > 0) await this.#sink(recorded);
      this.#told = found.at(-1)?.position ?? this.#told;
    });
    this.#telling = next.catch(() => undefined);
    return next;
  }
}

function clamp(ms: number): number {
  return Math.min(SLOWEST_LOOK_MS, Math.max(QUICKEST_LOOK_MS, ms));
}
