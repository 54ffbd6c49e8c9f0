import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { parseInput, SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import { readHead } from '../journal-read-store.ts';
import type { SessionStates } from '../state/session-states.ts';
import { EMPTY_HEAD } from './frame-code.ts';
import { RecordingReader } from './read-recording.ts';
import { recordFrames } from './record-frames.ts';
import { treesWhileRecorded } from './recorded-tree-store.ts';
import {
  type MakeRecording,
  makeRecordingSchema,
  type Recording,
  type StartRecording,
  startRecordingSchema,
} from './recording.ts';
import { listRecordings, type RecordingStatistics, readStatistics } from './recording-list-store.ts';
import {
  deleteRecording,
  endRecording,
  findAbandoned,
  holdRecording,
  insertRecording,
  type NewRecording,
  renewRecordings,
  retireRecordings,
} from './recording-store.ts';
import { type ExportedRecording, exportRecording, importRecording } from './transfer-recording.ts';

export interface RecordingParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  states: SessionStates;
  /** Told of what went wrong with one recording while the others go on. */
  onError: (error: unknown) => void;
}

/** For how long a process that records is believed to be alive, in seconds. */
const LEASE_SECONDS = 30;
const DAY_MS = 86_400_000;

/**
 * Recordings of sessions (REPLAY-001…054): what was in their journals, with states in between, checksums, and a life of their own.
 * What this process records is moved on by {@link Recordings.tick}.
 */
export class Recordings extends RecordingReader {
  readonly #parts: RecordingParts;
  /** This process, among those that record. */
  readonly #recorder: string;

  constructor(parts: RecordingParts) {
    super(parts.database);
    this.#parts = parts;
    this.#recorder = parts.ids.uuid();
  }

  /**
   * Records a session from now on; its first frame is the state as it stands (REPLAY-010).
   * @throws SESSION_NOT_FOUND, RECORDING_ACTIVE, VALIDATION_FAILED
   */
  async start(projectId: string, sessionId: string, input: StartRecording, actor: string): Promise<Recording> {
    const { title, ...settings } = parseInput(startRecordingSchema, input);
    const { ids, clock } = this.#parts;
    const id = ids.uuid();
    await this.#write(async (tx) => {
      const baseSeq = await lastSeqOf(tx, projectId, sessionId);
      const startedAt = clock.now().toISOString();
      const recorder = { id: this.#recorder, leaseSeconds: LEASE_SECONDS };
      const name = title ?? `${sessionId} from event ${baseSeq + 1}`;
      const made = { id, projectId, sessionId, title: name, settings, baseSeq, startedAt, createdBy: actor };
      await this.#open(tx, { ...made, recorder, ended: null, head: EMPTY_HEAD });
      await this.#say(tx, projectId, id, sessionId, 'started', actor);
    });
    return this.get(projectId, id);
  }

  /**
   * A recording of events that are there already.
   * @throws SESSION_NOT_FOUND, JOURNAL_SEQ_UNKNOWN, VALIDATION_FAILED
   */
  async make(projectId: string, sessionId: string, input: MakeRecording, actor: string): Promise<Recording> {
    const { title, fromSeq = 1, toSeq: given, ...chosen } = parseInput(makeRecordingSchema, input);
    const { ids, clock } = this.#parts;
    const settings = startRecordingSchema.omit({ title: true }).parse(chosen);
    const id = ids.uuid();
    await this.#write(async (tx) => {
      const last = await lastSeqOf(tx, projectId, sessionId);
      const toSeq = given ?? last;
      if (toSeq > last || fromSeq > toSeq + 1) {
        throw new SignalboxError('JOURNAL_SEQ_UNKNOWN', { id: sessionId, seq: Math.max(toSeq, fromSeq), last });
      }
      const now = clock.now().toISOString();
      const name = title ?? `${sessionId} from event ${fromSeq} to ${toSeq}`;
      const made = { id, projectId, sessionId, title: name, settings, baseSeq: fromSeq - 1, createdBy: actor };
      const ended = { at: now, reason: 'made' };
      await this.#open(tx, { ...made, startedAt: now, recorder: null, ended, head: EMPTY_HEAD });
      while ((await this.#advance(tx, projectId, id, { toSeq })) === 'more');
      await this.#say(tx, projectId, id, sessionId, 'made', actor);
    });
    return settings.validation ? this.validate(projectId, id) : this.get(projectId, id);
  }

  /**
   * Ends a recording with the last event that is there, and reads it back where its settings say so (REPLAY-016, REPLAY-020).
   * @throws RECORDING_NOT_FOUND, RECORDING_OVER
   */
  stop(projectId: string, id: string, actor: string): Promise<Recording> {
    return this.#finish(projectId, id, 'stopped', actor);
  }

  /** The newest first. */
  list(
    projectId: string,
    {
      sessionId,
      status,
      page = 1,
      pageSize = 100,
    }: { sessionId?: string; status?: Recording['status']; page?: number; pageSize?: number } = {},
  ): Promise<{ items: Recording[]; total: number }> {
    const offset = (page - 1) * pageSize;
    const filter = { sessionId: sessionId ?? null, status: status ?? null, limit: pageSize, offset };
    return listRecordings(this.#parts.database, projectId, filter);
  }

  statistics(projectId: string): Promise<RecordingStatistics> {
    return readStatistics(this.#parts.database, projectId);
  }

  /** With its frames (REPLAY-052). @throws RECORDING_NOT_FOUND; RECORDING_UNDER_WAY unless forced */
  async delete(projectId: string, id: string, { force = false }: { force?: boolean }, actor: string): Promise<void> {
    await this.#write(async (tx) => {
      const held = await holdRecording(tx, projectId, id);
      if (!held) throw new SignalboxError('RECORDING_NOT_FOUND', { id });
      if (held.status === 'recording' && !force) throw new SignalboxError('RECORDING_UNDER_WAY', { id });
      await deleteRecording(tx, projectId, id);
      await this.#say(tx, projectId, id, held.sessionId, 'deleted', actor);
    });
  }

  /** Deletes what ended at least that many days ago, and answers how many that were (REPLAY-053). */
  async retire(projectId: string, days: number): Promise<number> {
    const cutoff = new Date(this.#parts.clock.now().getTime() - days * DAY_MS);
    return this.#write(async (tx) => {
      const removed = await retireRecordings(tx, projectId, cutoff);
      if (removed > 0) await recordFeed(tx, projectId, 'recording', { change: 'retired', removed, cutoff });
      return removed;
    });
  }

  /**
   * The trees of a workspace's captures that stood while sessions were recorded: a recording is looked at with the files of
   * each moment, as long as its session is there.
   */
  treesInUse(projectId: string, workspaceId: string): Promise<string[]> {
    return treesWhileRecorded(this.#parts.database, projectId, workspaceId);
  }

  /** A recording as a document that {@link Recordings.import} takes. @throws RECORDING_NOT_FOUND, RECORDING_UNDER_WAY */
  export(projectId: string, id: string): Promise<ExportedRecording> {
    return exportRecording(this.#parts.database, projectId, id);
  }

  /** Takes an exported recording, checked whole before anything is kept of it. @throws RECORDING_INVALID */
  async import(projectId: string, document: unknown, actor: string): Promise<Recording> {
    const id = this.#parts.ids.uuid();
    await this.#write(async (tx) => {
      const sessionId = await importRecording(tx, projectId, id, document, actor);
      await this.#say(tx, projectId, id, sessionId, 'imported', actor);
    });
    return this.validate(projectId, id);
  }

  /** Moves on what this process records: new frames, snapshots that are due, recordings that have lasted long enough. */
  async tick(): Promise<void> {
    const { database, clock, onError } = this.#parts;
    for (const { projectId, id } of await renewRecordings(database, this.#recorder, LEASE_SECONDS)) {
      try {
        const recording = await this.get(projectId, id);
        const now = clock.now();
        const age = now.getTime() - Date.parse(recording.startedAt);
        if (age >= recording.settings.maxDuration * 1000) await this.#finish(projectId, id, 'max_duration', null);
        else if ((await this.#catchUp(projectId, id)) === 'gone')
          await this.#finish(projectId, id, 'session_gone', null);
      } catch (error) {
        onError(error);
      }
    }
  }

  /** Ends recordings whose process is gone, with the frames they have (REPLAY-018). Answers how many. */
  async interruptAbandoned(): Promise<number> {
    const abandoned = await findAbandoned(this.#parts.database);
    for (const { projectId, id } of abandoned) await this.#end(projectId, id, 'interrupted', 'interrupted', null);
    return abandoned.length;
  }

  /** Ends what this process records (REPLAY-054). */
  async close(): Promise<void> {
    const { database, onError } = this.#parts;
    for (const { projectId, id } of await renewRecordings(database, this.#recorder, LEASE_SECONDS)) {
      try {
        await this.#finish(projectId, id, 'shutdown', null);
      } catch (error) {
        onError(error);
      }
    }
  }

  /** Its row, and the state it begins with. */
  async #open(tx: Transaction, recording: NewRecording): Promise<void> {
    await insertRecording(tx, recording);
    const { projectId, id, baseSeq, startedAt } = recording;
    await this.#advance(tx, projectId, id, { toSeq: baseSeq, snapshot: startedAt });
  }

  async #advance(tx: Transaction, projectId: string, id: string, options: Parameters<typeof recordFrames>[3]) {
    const held = await holdRecording(tx, projectId, id);
    return held ? recordFrames(this.#parts.states, tx, held, options) : 'gone';
  }

  /** Records all there is, and a snapshot where one is due. */
  async #catchUp(projectId: string, id: string): Promise<'caught-up' | 'gone'> {
    for (;;) {
      const now = this.#parts.clock.now();
      const step = await this.#write(async (tx) => {
        const held = await holdRecording(tx, projectId, id);
        if (held?.status !== 'recording') return 'caught-up';
        const due = now.getTime() - Date.parse(held.snapshotAt) >= held.settings.snapshotInterval * 1000;
        return recordFrames(this.#parts.states, tx, held, { snapshot: due ? now.toISOString() : null });
      });
      if (step !== 'more') return step;
    }
  }

  async #finish(projectId: string, id: string, reason: string, actor: string | null): Promise<Recording> {
    await this.get(projectId, id);
    await this.#catchUp(projectId, id);
    return this.#end(projectId, id, 'completed', reason, actor);
  }

  async #end(
    projectId: string,
    id: string,
    status: 'completed' | 'interrupted',
    reason: string,
    actor: string | null,
  ): Promise<Recording> {
    const at = this.#parts.clock.now().toISOString();
    const { settings } = await this.#write(async (tx) => {
      const held = await holdRecording(tx, projectId, id);
      if (!held) throw new SignalboxError('RECORDING_NOT_FOUND', { id });
      if (status === 'completed') await recordFrames(this.#parts.states, tx, held);
      if (!(await endRecording(tx, projectId, id, { status, reason, at }))) {
        throw new SignalboxError('RECORDING_OVER', { id, status: held.status });
      }
      await this.#say(tx, projectId, id, held.sessionId, 'stopped', actor, reason);
      return held;
    });
    return settings.validation ? this.validate(projectId, id) : this.get(projectId, id);
  }

  /** For the feed; and for the audit where somebody decided it. */
  async #say(
    tx: Transaction,
    projectId: string,
    id: string,
    sessionId: string,
    change: string,
    actor: string | null,
    reason?: string,
  ): Promise<void> {
    await recordFeed(tx, projectId, 'recording', { recordingId: id, sessionId, change, ...(reason ? { reason } : {}) });
    if (actor === null) return;
    const action = `recording.${change}`;
    await recordAudit(tx, projectId, { actor, action, subjectType: 'recording', subjectId: id }, this.#parts.ids);
  }

  #write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#parts.database.transaction(work, { retries: 3 });
  }
}

/** @throws SESSION_NOT_FOUND */
async function lastSeqOf(tx: Transaction, projectId: string, sessionId: string): Promise<number> {
  const head = await readHead(tx, projectId, sessionId);
  if (!head) throw new SignalboxError('SESSION_NOT_FOUND', { id: sessionId });
  return head.lastSeq;
}
