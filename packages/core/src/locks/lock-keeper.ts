import type { Clock } from '../platform/clock/clock.ts';
import { outsideTransaction } from '../platform/database/index.ts';
import { SignalboxError } from '../platform/errors/index.ts';
import type { Grant } from './lock.ts';
import { type HandleKeeper, LockHandle } from './lock-handle.ts';
import type { LockHints } from './lock-hints.ts';
import type { LockObserver } from './lock-observer.ts';
import type { LockVerdict } from './lock-store.ts';
import type { LockVerbs } from './lock-verbs.ts';

/** What falls due within this share of its interval is renewed along, so that all locks of a process go by few statements. */
const ALONG = 0.25;
/** A store that failed is asked again after this share of the interval, while time remains (ORC-179). */
const RETRY = 0.25;
/** A release met by a protected write that is just being committed tries again after this. */
const BUSY_MS = 20;
const BUSY_TRIES = 500;

interface Kept {
  handle: LockHandle;
  /** Null: its holder renews by itself. */
  everyMs: number | null;
  /** By the monotonic clock; infinite while a renewal is under way. */
  dueAt: number;
  unsubscribe: () => void;
}

export interface LockKeeperOptions {
  clock: Clock;
  verbs: LockVerbs;
  hints: LockHints;
  observer: LockObserver;
  onError(error: unknown, handle: LockHandle): void;
}

/**
 * Keeps the locks of this process alive: one loop renews what falls due in one statement, tells each handle its loss, and releases
 * (ORC-178, 179, 191).
 */
export class LockKeeper implements HandleKeeper {
  readonly #options: LockKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  #wake = new AbortController();
  #sleepsUntil = Number.NEGATIVE_INFINITY;
  #running = false;

  constructor(options: LockKeeperOptions) {
    this.#options = options;
  }

  /** Handles that are neither released nor lost. */
  get handles(): LockHandle[] {
    return [...this.#kept.values()].map(({ handle }) => handle);
  }

  /** @param everyMs how often to renew; null: not at all */
  keep(projectId: string, grant: Grant, ttlMs: number, everyMs: number | null): LockHandle {
    const { clock, hints } = this.#options;
    const handle = new LockHandle({ clock, keeper: this }, projectId, grant, ttlMs);
    const dueAt =
      everyMs === null ? Number.POSITIVE_INFINITY : clock.monotonic() + Math.min(everyMs, grant.remainingMs / 3);
    const kept: Kept = { handle, everyMs, dueAt, unsubscribe: () => undefined };
    // Somebody did something to it, or it is the late hint of its own grant. Its holder alone decides about its time: only look.
    kept.unsubscribe = hints.on(handle.id, () => this.#lookLater(kept));
    this.#kept.set(handle.id, kept);
    this.#start(Math.min(dueAt, handle.deadline));
    return handle;
  }

  async renew(handle: LockHandle, ttlMs: number | null): Promise<void> {
    const kept = this.#kept.get(handle.id);
    if (kept) await this.#renewOne(kept, ttlMs);
  }

  async release(handle: LockHandle): Promise<boolean> {
    const { verbs, observer } = this.#options;
    const { projectId, id, token, resource } = handle;
    this.#forget(handle);
    const verdict = await this.#untilFree(() => verbs.release({ projectId, id, token, resource }));
    const free =
      verdict.outcome === 'released' ||
      verdict.outcome === 'late' ||
      (verdict.outcome === 'gone' && verdict.token === null);
    if (verdict.outcome === 'released') {
      observer.held(verdict.ms ?? 0);
      handle.ended();
    } else {
      handle.lose();
      if (free) handle.ended();
    }
    return free;
  }

  /** Gives back all locks at once; answers those that could not be, with the reason (ORC-191). */
  async releaseAll(): Promise<{ handle: LockHandle; error: unknown }[]> {
    const failed = await Promise.all(
      this.handles.map(async (handle) => {
        try {
          await this.release(handle);
          return [];
        } catch (error) {
          return [{ handle, error }];
        }
      }),
    );
    return failed.flat();
  }

  async #untilFree(release: () => Promise<LockVerdict>): Promise<LockVerdict> {
    for (let tries = 0; ; tries += 1) {
      const verdict = await release();
      if (verdict.outcome !== 'busy') return verdict;
      if (tries >= BUSY_TRIES) throw new SignalboxError('LOCK_BUSY', { id: verdict.id });
      await this.#options.clock.sleep(BUSY_MS);
    }
  }

  #forget(handle: LockHandle): void {
    this.#kept.get(handle.id)?.unsubscribe();
    this.#kept.delete(handle.id);
  }

  /** @param due when there is something to do for the first time, by the monotonic clock */
  #start(due: number): void {
    if (this.#running) {
      if (due < this.#sleepsUntil) this.#wake.abort();
      return;
    }
    this.#running = true;
    // Locks outlive the transaction from inside of which one of them may have been acquired.
    void outsideTransaction(() => this.#loop());
  }

  async #loop(): Promise<void> {
    const { clock } = this.#options;
    while (this.#kept.size > 0) {
      const now = clock.monotonic();
      let next = Number.POSITIVE_INFINITY;
      for (const kept of this.#kept.values()) {
        if (kept.handle.deadline <= now) this.#lose(kept);
        else next = Math.min(next, kept.dueAt, kept.handle.deadline);
      }
      if (next <= now) {
        for (const kept of this.#kept.values()) {
          if (kept.dueAt <= now + ALONG * (kept.everyMs ?? 0)) this.#renewLater(kept);
        }
        continue;
      }
      this.#wake = new AbortController();
      this.#sleepsUntil = Math.min(next, now + 60_000);
      await clock.sleep(this.#sleepsUntil - now, this.#wake.signal);
    }
    this.#running = false;
  }

  #lookLater(kept: Kept): void {
    const { projectId, id, token } = kept.handle;
    this.#options.verbs.stillHeld({ projectId, id, token }).then(
      (held) => {
        if (!held) this.#lose(kept);
      },
      (error: unknown) => this.#options.onError(error, kept.handle),
    );
  }

  #renewLater(kept: Kept): void {
    this.#renewOne(kept, null).catch((error: unknown) => this.#options.onError(error, kept.handle));
  }

  async #renewOne(kept: Kept, ttlMs: number | null): Promise<void> {
    const { clock, verbs, observer } = this.#options;
    const { handle, everyMs } = kept;
    const sent = clock.monotonic();
    kept.dueAt = Number.POSITIVE_INFINITY;
    try {
      const renewal = await verbs.renew({ projectId: handle.projectId, id: handle.id, token: handle.token, ttlMs });
      if (renewal === null) {
        observer.renewalFailed();
        this.#lose(kept);
        return;
      }
      observer.renewed();
      handle.renewed(sent + renewal.ms, renewal.renewalCount);
      if (everyMs !== null) kept.dueAt = sent + Math.min(everyMs, renewal.ms / 3);
    } catch (error) {
      observer.renewalFailed();
      if (everyMs !== null) kept.dueAt = clock.monotonic() + RETRY * everyMs;
      throw error;
    } finally {
      this.#wake.abort();
    }
  }

  #lose(kept: Kept): void {
    if (this.#kept.get(kept.handle.id) !== kept) return;
    this.#forget(kept.handle);
    kept.handle.lose();
  }
}
