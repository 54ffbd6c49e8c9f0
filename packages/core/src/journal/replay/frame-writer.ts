import type { JournalEvent } from '../journal-event.ts';
import { foldFacts } from '../state/fold-facts.ts';
import { factOf } from '../state/journal-fact.ts';
import type { SessionState } from '../state/session-state.ts';
import { chained, encodeFrame, type StoredFrame, stateChecksum } from './frame-code.ts';
import type { Frame, RecordingSettings } from './recording.ts';
import { deltaBetween } from './state-delta.ts';

/** A snapshot comes whenever the number of frames, snapshots included, is a multiple of this (REPLAY-013). */
const SNAPSHOT_FRAMES = 50;

/** Where a recording stands. */
export interface RecordingProgress {
  /** The state after its last event. */
  state: SessionState;
  /** The state of its last snapshot; null before the first one. */
  snapshot: SessionState | null;
  eventFrames: number;
  snapshotFrames: number;
  rawBytes: number;
  storedBytes: number;
  head: Buffer;
}

/** Makes the frames of a recording from the events of the journal, one after the other. Pure but for its own progress. */
export class FrameWriter {
  readonly #sessionId: string;
  readonly #settings: Pick<RecordingSettings, 'compression' | 'delta'>;
  readonly #frames: StoredFrame[] = [];
  readonly progress: RecordingProgress;

  constructor(sessionId: string, settings: RecordingSettings, progress: RecordingProgress) {
    this.#sessionId = sessionId;
    this.#settings = settings;
    this.progress = { ...progress };
  }

  /** Frames made so far. */
  get frames(): readonly StoredFrame[] {
    return this.#frames;
  }

  /** The state as it is, as a frame; nothing where it is the last one already. */
  snapshot(at: string): void {
    const { state, snapshot } = this.progress;
    if (snapshot?.seq === state.seq) return;
    const frame = { at: state.at ?? at, base: null, event: null, delta: null };
    this.#add({ ...frame, seq: state.seq, kind: 'snapshot', snapshot: { state, checksum: stateChecksum(state) } });
    this.progress.snapshot = state;
    this.progress.snapshotFrames += 1;
  }

  /** @param event with its payload, and the next one of its journal. */
  event(event: JournalEvent): void {
    const { progress } = this;
    progress.state = foldFacts(progress.state, [factOf(event)]);
    const { snapshot } = progress;
    const delta = this.#settings.delta && snapshot ? deltaBetween(snapshot, progress.state) : null;
    const { seq, occurredAt: at } = event;
    this.#add({ seq, kind: 'event', at, base: snapshot?.seq ?? null, event, delta, snapshot: null });
    progress.eventFrames += 1;
    if ((progress.eventFrames + progress.snapshotFrames) % SNAPSHOT_FRAMES === 0) this.snapshot(at);
  }

  #add(frame: Frame): void {
    const stored = encodeFrame(frame, this.#sessionId, this.#settings.compression);
    this.#frames.push(stored);
    this.progress.rawBytes += stored.rawBytes;
    this.progress.storedBytes += stored.body.length;
    this.progress.head = chained(this.progress.head, stored.checksum);
  }
}
