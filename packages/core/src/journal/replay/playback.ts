import type { Clock } from '../../platform/clock/clock.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { Frame } from './recording.ts';

export type PlaybackNews =
  | { type: 'replay:play:started'; frameCount: number }
  | { type: 'replay:frame:played'; frame: Frame; index: number; total: number }
  | { type: 'replay:play:completed' | 'replay:play:aborted' }
  | { type: 'replay:play:failed'; error: unknown };

export interface PlaybackOptions {
  clock: Clock;
  /** Called with each frame in order, and awaited before the next one. */
  onFrame: (frame: Frame, index: number) => unknown;
  /** How many times as fast as it happened; `Infinity` waits for nothing. Default 1. */
  speed?: number;
  /** Milliseconds between two frames at most, as they are played; default: as long as it took. */
  longestGapMs?: number | null;
  signal?: AbortSignal;
  onNews?: (news: PlaybackNews) => void;
}

/**
 * Plays frames in the time in which they happened, or faster or slower (REPLAY-032). Waits count from when the frame before was
 * due, so the time that its handler takes is not added to them.
 */
export class Playback {
  readonly #frames: readonly Frame[];
  readonly #options: PlaybackOptions;
  readonly #clock: Clock;
  #speed: number;
  #next = 0;
  /** When the frame before the next one was due, on the monotonic clock. */
  #due = 0;
  #pausedAt: number | null = null;
  /** Ends the wait under way, so that it is looked at anew. */
  #wake = new AbortController();

  /** @throws VALIDATION_FAILED for a speed or gap that is not above 0 */
  constructor(frames: readonly Frame[], options: PlaybackOptions) {
    this.#frames = frames;
    this.#options = options;
    this.#clock = options.clock;
    this.#speed = positive('speed', options.speed ?? 1);
    if (options.longestGapMs != null) positive('longest gap', options.longestGapMs);
  }

  /** The place in the frames that is played next. */
  get position(): number {
    return this.#next;
  }

  /** Plays from where it stands to the end. Rejects with what the handler throws. */
  async play(): Promise<'completed' | 'aborted'> {
    const { onNews, onFrame, signal } = this.#options;
    const stop = () => this.#wake.abort();
    signal?.addEventListener('abort', stop, { once: true });
    onNews?.({ type: 'replay:play:started', frameCount: this.#frames.length });
    this.#due = this.#clock.monotonic();
    try {
      for (;;) {
        const index = this.#next;
        const frame = this.#frames[index];
        if (signal?.aborted) return this.#end('aborted');
        if (!frame) return this.#end('completed');
        if (await this.#wait(index)) continue;
        this.#next = index + 1;
        await onFrame(frame, index);
        onNews?.({ type: 'replay:frame:played', frame, index, total: this.#frames.length });
      }
    } catch (error) {
      onNews?.({ type: 'replay:play:failed', error });
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  pause(): void {
    this.#pausedAt ??= this.#clock.monotonic();
    this.#look();
  }

  resume(): void {
    if (this.#pausedAt === null) return;
    this.#due += this.#clock.monotonic() - this.#pausedAt;
    this.#pausedAt = null;
    this.#look();
  }

  /** Goes on at the first frame at or behind that event, at once. */
  seek(seq: number): void {
    const found = this.#frames.findIndex((frame) => frame.seq >= seq);
    this.#next = found < 0 ? this.#frames.length : found;
    this.#due = Number.NEGATIVE_INFINITY;
    this.#look();
  }

  /** @throws VALIDATION_FAILED for a speed that is not above 0 */
  setSpeed(speed: number): void {
    this.#speed = positive('speed', speed);
    this.#look();
  }

  /** Waits until the frame is due. True where something was asked for meanwhile, so that all is to be looked at anew. */
  async #wait(index: number): Promise<boolean> {
    if (this.#pausedAt !== null) {
      await new Promise<void>((resolve) => {
        if (this.#wake.signal.aborted) resolve();
        else this.#wake.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } else {
      const now = this.#clock.monotonic();
      const due = this.#due === Number.NEGATIVE_INFINITY ? now : this.#due + this.#gap(index);
      if (due > now) await this.#clock.sleep(due - now, this.#wake.signal);
      if (!this.#wake.signal.aborted) {
        this.#due = due;
        return false;
      }
    }
    this.#wake = new AbortController();
    return true;
  }

  /** Milliseconds from the frame before to this one, as they are played. */
  #gap(index: number): number {
    const [before, frame] = [this.#frames[index - 1], this.#frames[index]];
    if (!before || !frame || this.#speed === Number.POSITIVE_INFINITY) return 0;
    const gap = Math.max(0, Date.parse(frame.at) - Date.parse(before.at)) / this.#speed;
    return Math.min(gap, this.#options.longestGapMs ?? Number.POSITIVE_INFINITY);
  }

  #look(): void {
    this.#wake.abort();
  }

  #end(how: 'completed' | 'aborted'): 'completed' | 'aborted' {
    this.#options.onNews?.({ type: `replay:play:${how}` });
    return how;
  }
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new SignalboxError('VALIDATION_FAILED', { reason: `the ${name} must be above 0, not ${value}` });
}
