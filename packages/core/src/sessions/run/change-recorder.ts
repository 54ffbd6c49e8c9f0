import type { Clock } from '../../platform/clock/clock.ts';
import type { CaptureRepository, FileChange } from '../../workspaces/index.ts';

/** Longest wait between two looks at the files of a run that reports no tool calls, in milliseconds. */
const SLOWEST_LOOK_MS = 30_000;
const QUICKEST_LOOK_MS = 1_000;
/** A look may take this share of the time at most: large trees are looked at less often. */
const LOOK_SHARE = 20;

export type ChangeSink = (changes: readonly FileChange[], callId: string | null, treeId: string) => Promise<void>;

/**
 * Finds what a run changes in its workspace and tells of it: around each tool call that is reported, and from time to
 * time where none are. Every change is told once, between two neighbours of one serial chain of captures.
 */
export class ChangeRecorder {
  readonly #captures: CaptureRepository;
  readonly #clock: Clock;
  readonly #sink: ChangeSink;
  #last: string | null = null;
  #chain: Promise<unknown> = Promise.resolve();
  #lookMs = QUICKEST_LOOK_MS;

  constructor(options: { captures: CaptureRepository; clock: Clock; sink: ChangeSink }) {
    this.#captures = options.captures;
    this.#clock = options.clock;
    this.#sink = options.sink;
  }

  /** The tree the run began with. */
  async begin(): Promise<string> {
    const { treeId } = await this.#captures.capture();
    this.#last = treeId;
    return treeId;
  }

  /** Looks now and tells what changed since the last look, attributed to `callId` where one is given. Answers the tree. */
  look(callId: string | null): Promise<string> {
    const next = this.#chain.then(async () => {
      const before = this.#last;
      const start = this.#clock.monotonic();
      const { treeId } = await this.#captures.capture();
      this.#lookMs = clamp((this.#clock.monotonic() - start) * LOOK_SHARE);
      if (before !== null && before !== treeId) {
        const changes = await this.#captures.diff(before, treeId);
        await this.#sink(changes, callId, treeId);
      }
      this.#last = treeId;
      return treeId;
    });
    this.#chain = next.catch(() => undefined);
    return next;
  }

  /** Looks again and again until `signal` aborts; an error is given to `onError` and ends it. */
  async watch(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#lookMs, signal);
      if (signal.aborted) return;
      try {
        await this.look(null);
      } catch (error) {
        onError(error);
        return;
      }
    }
  }
}

function clamp(ms: number): number {
  return Math.min(SLOWEST_LOOK_MS, Math.max(QUICKEST_LOOK_MS, ms));
}
