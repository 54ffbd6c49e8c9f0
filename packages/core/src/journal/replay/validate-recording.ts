import { isDeepStrictEqual } from 'node:util';
import { foldFacts } from '../state/fold-facts.ts';
import { factOf } from '../state/journal-fact.ts';
import type { SessionState } from '../state/session-state.ts';
import { chained, decodeFrame, EMPTY_HEAD, type StoredFrame, stateChecksum } from './frame-code.ts';
import type { Finding, Frame, Recording } from './recording.ts';
import { applyDelta } from './state-delta.ts';

type RecordedSpan = Pick<Recording, 'sessionId' | 'baseSeq' | 'lastSeq' | 'eventFrames' | 'snapshotFrames'>;

/** Missing frames that are named one by one; beyond that a span is one finding. */
const NAMED_AT_MOST = 100;

/**
 * Checks what was read back of a recording (REPLAY-020): each frame against its checksum, their numbers for gaps, their count and
 * the hash over all of them against what was recorded, and each snapshot against the events folded since the one before.
 */
export class RecordingCheck {
  readonly #recording: RecordedSpan;
  readonly #head: Buffer;
  readonly #findings: Finding[] = [];
  #computed: Buffer = EMPTY_HEAD;
  #events = 0;
  #snapshots = 0;
  #lastSeq: number;
  /** Folded so far; null where it cannot be known: behind a frame that is missing or altered, until the next snapshot. */
  #state: SessionState | null = null;
  #snapshot: SessionState | null = null;
  #missingSnapshots = new Set<number>();

  constructor(recording: RecordedSpan, head: Buffer) {
    this.#recording = recording;
    this.#head = head;
    this.#lastSeq = recording.baseSeq;
  }

  /** The next frame, in order. */
  look(stored: StoredFrame): void {
    const { seq, kind } = stored;
    if (kind === 'event') this.#follow(seq);
    if (this.#events + this.#snapshots === 0 && (kind !== 'snapshot' || seq !== this.#recording.baseSeq)) {
      this.#find(this.#recording.baseSeq, 'snapshot', 'missing: the recording has no base');
    }
    if (kind === 'event') this.#events += 1;
    else this.#snapshots += 1;
    const decoded = decodeFrame(stored, this.#recording.sessionId);
    this.#computed = chained(this.#computed, decoded?.checksum ?? stored.checksum);
    const frame = decoded?.frame;
    const whole = frame?.seq === seq && frame.kind === kind && decoded?.checksum.equals(stored.checksum);
    if (!frame || !whole) {
      this.#find(seq, kind, frame ? 'altered: it differs from its checksum' : 'altered: it cannot be read');
      this.#state = null;
      if (kind === 'snapshot') this.#snapshot = null;
      return;
    }
    if (frame.snapshot) this.#checkSnapshot(seq, frame.snapshot.state, frame.snapshot.checksum);
    else this.#checkEvent(frame);
  }

  /** After the last frame: everything that was found; nothing is good. */
  finish(): Finding[] {
    this.#follow(this.#recording.lastSeq + 1);
    const { eventFrames, snapshotFrames } = this.#recording;
    const counted = this.#events === eventFrames && this.#snapshots === snapshotFrames;
    if (!counted) {
      const has = `${this.#events} events and ${this.#snapshots} snapshots`;
      this.#find(null, null, `it has ${has}, recorded were ${eventFrames} and ${snapshotFrames}`);
    } else if (this.#findings.length === 0 && !this.#computed.equals(this.#head)) {
      this.#find(null, null, 'its frames are consistent, but they are not those that were recorded');
    }
    return this.#findings;
  }

  /** Names what is missing before the event `seq`. */
  #follow(seq: number): void {
    const missing = seq - this.#lastSeq - 1;
    if (missing < 0) this.#find(seq, 'event', 'out of order');
    if (missing > 0) this.#state = null;
    for (let at = this.#lastSeq + 1; at < seq && at <= this.#lastSeq + NAMED_AT_MOST; at += 1) {
      this.#find(at, 'event', 'missing');
    }
    if (missing > NAMED_AT_MOST)
      this.#find(seq - 1, 'event', `missing, like ${missing - NAMED_AT_MOST} more before it`);
    this.#lastSeq = Math.max(this.#lastSeq, seq);
  }

  #checkSnapshot(seq: number, state: SessionState, checksum: string): void {
    if (stateChecksum(state) !== checksum) this.#find(seq, 'snapshot', 'its state differs from its checksum');
    if (seq !== this.#lastSeq) this.#find(seq, 'snapshot', 'it does not follow its event');
    if (this.#state && !isDeepStrictEqual(this.#state, state)) {
      this.#find(seq, 'snapshot', 'its state is not what the events before it come to');
    }
    this.#state = state;
    this.#snapshot = state;
  }

  #checkEvent({ seq, base, event, delta }: Frame): void {
    if (!event) {
      this.#find(seq, 'event', 'it holds no event');
      return;
    }
    if (event.seq !== seq) this.#find(seq, 'event', `it holds event ${event.seq}`);
    if (this.#state) this.#state = foldFacts(this.#state, [factOf(event)]);
    if (base !== null && this.#snapshot && base !== this.#snapshot.seq && !this.#missingSnapshots.has(base)) {
      this.#missingSnapshots.add(base);
      this.#find(base, 'snapshot', 'missing');
    }
    if (!this.#state || !this.#snapshot || this.#snapshot.seq !== base || !delta) return;
    if (!sameOutcome(applyDelta(this.#snapshot, delta), this.#state)) {
      this.#find(seq, 'event', 'what it says it changed is not what it changed');
    }
  }

  #find(seq: number | null, kind: Finding['kind'], reason: string): void {
    this.#findings.push({ seq, kind, reason });
  }
}

function sameOutcome(a: ReturnType<typeof applyDelta>, b: SessionState): boolean {
  const members = (agents: readonly string[]) => [...agents].sort();
  return (
    a.codeState === b.codeState &&
    isDeepStrictEqual(members(a.agentIds), members(b.agentIds)) &&
    isDeepStrictEqual(a.metadata, b.metadata)
  );
}
