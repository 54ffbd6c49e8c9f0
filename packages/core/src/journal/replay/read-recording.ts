import type { Database } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import type { JournalEvent } from '../journal-event.ts';
import { foldFacts } from '../state/fold-facts.ts';
import { factOf } from '../state/journal-fact.ts';
import type { SessionState } from '../state/session-state.ts';
import { eventsUpTo } from '../whole-events.ts';
import { type Difference, firstDifference } from './compare-events.ts';
import { decodeFrame, type StoredFrame } from './frame-code.ts';
import { AT_START, countFrames, type FramePlace, readFrames, snapshotAtOrBefore } from './frame-store.ts';
import type { Frame, FrameFilter, Recording } from './recording.ts';
import { getRecording, holdRecording, noteValidation } from './recording-store.ts';
import { RecordingCheck } from './validate-recording.ts';

const PAGE = 500;

export interface FramePage {
  items: Frame[];
  /** How many frames pass the filter in all, the base among them. */
  total: number;
  /** Give it as `after` for the next page; null on the last one. */
  next: string | null;
  /** Frames of this page that cannot be read, and are left out. */
  damaged: { seq: number; kind: Frame['kind'] }[];
}

/** Reading what was recorded (REPLAY-020…041). */
export class RecordingReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws RECORDING_NOT_FOUND */
  async get(projectId: string, id: string): Promise<Recording> {
    const recording = await getRecording(this.#database, projectId, id);
    if (!recording) throw new SignalboxError('RECORDING_NOT_FOUND', { id });
    return recording;
  }

  /**
   * Frames that pass the filter, in order, a page at a time (REPLAY-030). With a lower bound the first page begins with the
   * nearest snapshot at or below it, unless snapshots are left out.
   * @param page.after what the page before named as `next`; page.limit 1 to 1,000.
   * @throws RECORDING_NOT_FOUND, INVALID_CURSOR
   */
  async frames(
    projectId: string,
    id: string,
    filter: FrameFilter = {},
    { after, limit = PAGE }: { after?: string | undefined; limit?: number } = {},
  ): Promise<FramePage> {
    const { sessionId } = await this.get(projectId, id);
    const place = after === undefined ? AT_START : placeOf(after);
    const found = await readFrames(this.#database, projectId, id, { ...filter, after: place, limit: limit + 1 });
    const base = await this.#base(projectId, id, filter);
    const page = [...(base && after === undefined ? [base] : []), ...found.slice(0, limit)];
    const last = found[limit - 1];
    const decoded = page.map((stored) => ({ stored, frame: decodeFrame(stored, sessionId)?.frame }));
    return {
      items: decoded.flatMap(({ frame }) => frame ?? []),
      total: (await countFrames(this.#database, projectId, id, filter)) + (base ? 1 : 0),
      next: found.length > limit && last ? `${last.seq}:${last.kind}` : null,
      damaged: decoded.flatMap(({ stored: { seq, kind }, frame }) => (frame ? [] : [{ seq, kind }])),
    };
  }

  /** All frames that pass the filter, one after the other. @throws RECORDING_NOT_FOUND */
  async *eachFrame(projectId: string, id: string, filter: FrameFilter = {}): AsyncGenerator<Frame> {
    let after: string | undefined;
    do {
      const page = await this.frames(projectId, id, filter, { after, limit: PAGE });
      yield* page.items;
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  /**
   * The state after one of its events, from the nearest snapshot below it (REPLAY-040).
   * @throws RECORDING_NOT_FOUND; JOURNAL_SEQ_UNKNOWN for an event that it does not hold; RECORDING_DAMAGED
   */
  async stateAt(projectId: string, id: string, seq: number): Promise<SessionState> {
    const { baseSeq, lastSeq, sessionId } = await this.get(projectId, id);
    if (seq < baseSeq || seq > lastSeq)
      throw new SignalboxError('JOURNAL_SEQ_UNKNOWN', { id: sessionId, seq, last: lastSeq });
    const base = await snapshotAtOrBefore(this.#database, projectId, id, seq);
    let state = base ? decodeFrame(base, sessionId)?.frame.snapshot?.state : undefined;
    if (!state) throw new SignalboxError('RECORDING_DAMAGED', { id, seq });
    const filter = { fromSeq: state.seq + 1, toSeq: seq, includeSnapshots: false };
    for await (const { event } of this.eachFrame(projectId, id, filter)) {
      if (event?.seq !== state.seq + 1) break;
      state = foldFacts(state, [factOf(event)]);
    }
    if (state.seq !== seq) throw new SignalboxError('RECORDING_DAMAGED', { id, seq: state.seq + 1 });
    return state;
  }

  /** Reads it back and checks all of it; what comes out is kept with it (REPLAY-020, 021). @throws RECORDING_NOT_FOUND */
  async validate(projectId: string, id: string): Promise<Recording> {
    await this.#database.transaction(async (tx) => {
      const held = await holdRecording(tx, projectId, id);
      if (!held) throw new SignalboxError('RECORDING_NOT_FOUND', { id });
      const check = new RecordingCheck(held, held.head);
      let after: FramePlace = AT_START;
      for (;;) {
        const frames: StoredFrame[] = await readFrames(tx, projectId, id, { after, limit: PAGE });
        for (const frame of frames) check.look(frame);
        const last = frames.at(-1);
        if (!last || frames.length < PAGE) break;
        after = { seq: last.seq, kind: last.kind };
      }
      const findings = check.finish();
      await noteValidation(tx, projectId, id, findings.length === 0 ? 'passed' : 'failed', findings);
    });
    return this.get(projectId, id);
  }

  /**
   * The first event in which a recording differs from another one, or from what the journal of a session has from its first
   * event on; null where they say the same (REPLAY-041).
   * @throws RECORDING_NOT_FOUND
   */
  compare(
    projectId: string,
    id: string,
    other: { recordingId?: string | undefined; sessionId?: string | undefined },
  ): Promise<Difference | null> {
    const { recordingId, sessionId } = other;
    const right =
      recordingId === undefined
        ? eventsUpTo(this.#database, projectId, sessionId ?? '', Number.MAX_SAFE_INTEGER - 1)
        : this.#events(projectId, recordingId);
    return firstDifference(this.#events(projectId, id), right);
  }

  /**
   * What a session needs to be made anew from a recording (REPLAY-042).
   * @throws RECORDING_NOT_FOUND, RECORDING_DAMAGED
   */
  async contents(projectId: string, id: string) {
    const { sessionId, title, baseSeq, lastSeq } = await this.get(projectId, id);
    const { agentIds, metadata, codeState } = await this.stateAt(projectId, id, baseSeq);
    return {
      from: { sessionId, seq: lastSeq, recordingId: id },
      origin: { agentIds, metadata, codeState },
      events: this.#wholeEvents(projectId, id, baseSeq),
      title,
    };
  }

  /** All of them or an error: what is damaged is not passed over. */
  async *#wholeEvents(projectId: string, id: string, baseSeq: number): AsyncGenerator<JournalEvent> {
    let seq = baseSeq;
    for await (const event of this.#events(projectId, id)) {
      seq += 1;
      if (event.seq !== seq) throw new SignalboxError('RECORDING_DAMAGED', { id, seq });
      yield event;
    }
  }

  async *#events(projectId: string, id: string): AsyncGenerator<JournalEvent> {
    for await (const { event } of this.eachFrame(projectId, id, { includeSnapshots: false })) if (event) yield event;
  }

  async #base(projectId: string, id: string, filter: FrameFilter): Promise<StoredFrame | null> {
    const { fromSeq, includeSnapshots = true } = filter;
    if (fromSeq === undefined || fromSeq === 0 || !includeSnapshots) return null;
    return snapshotAtOrBefore(this.#database, projectId, id, fromSeq - 1);
  }
}

/** @throws INVALID_CURSOR */
function placeOf(after: string): FramePlace {
  const [, seq, kind] = /^(\d{1,15}):(event|snapshot)$/.exec(after) ?? [];
  if (seq === undefined) throw new SignalboxError('INVALID_CURSOR');
  return { seq: Number(seq), kind: kind as FramePlace['kind'] };
}
